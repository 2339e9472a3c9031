"""However often a checkout is sent, from however many tabs: one order, one payment."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.tickets.domain.revoke_links import revoke_order_links
from tests.storefront.checkout.world import ADA, Till, a_sale, a_till
from tests.support.factories import enable_provider, line, make_ticket_type, places

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


def at_once(*calls: Any) -> list[Any]:
    """Make calls at the same moment, each on a connection of its own; return the answers in their order."""
    start, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(nth: int) -> None:
        start.wait(10)
        try:
            answers[nth] = calls[nth]()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(nth,)) for nth in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def another_tab(till: Till) -> Till:
    """Return the same browser's second tab; it needs a page of the checkout first, as all tabs do."""
    till.get()
    tab = another_browser(till)
    tab.client.cookies.load({name: morsel.value for name, morsel in till.client.cookies.items()})
    return tab


def another_browser(till: Till) -> Till:
    return Till(till.organization, till.event, cart_id=till.cart_id)


@pytest.mark.parametrize("provider", ["manual", "demo"])
def test_double_click_is_one_order_and_one_attempt(provider: str) -> None:
    till = a_sale(2, providers=("manual", "demo"))
    quota = till.items()[0].quota_ids[0]
    tabs = [another_tab(till) for _ in range(4)]

    answers = at_once(*(lambda tab=tab: tab.order(provider=provider) for tab in tabs))

    assert [answer.status_code for answer in answers] == [303] * 4
    assert len({answer["Location"] for answer in answers}) == 1
    assert (len(till.orders()), len(till.attempts())) == (1, 1)
    assert places(quota) == (2, 0)


def test_tabs_that_want_to_pay_differently_have_one_order_and_one_attempt() -> None:
    till = a_sale(providers=("manual", "demo"))

    tabs = [another_tab(till) for _ in range(2)]

    answers = at_once(
        lambda: tabs[0].order(provider="manual"),
        lambda: tabs[1].order(provider="demo"),
    )

    assert [answer.status_code for answer in answers] == [303, 303]
    assert (len(till.orders()), len(till.attempts())) == (1, 1)


def test_form_that_is_sent_again_later_leads_to_the_same_order() -> None:
    till = a_sale()
    tab = another_tab(till)
    first = till.order()

    again = [
        till.order(first_name="Bea"),
        tab.order(),
        till.get(),
        till.post("change"),
        till.post("again"),
    ]

    assert [answer.status_code for answer in again] == [303] * 5
    assert {answer["Location"] for answer in again} == {first["Location"]}
    assert [order.customer_first_name for order in till.orders()] == ["Ada"]
    assert len(till.attempts()) == 1


def test_cart_leads_nowhere_once_the_links_of_its_order_were_ended() -> None:
    till = a_sale()
    till.get()
    till.order()
    assert till.get().status_code == 303  # the control: the browser that has ordered is led to the order

    by_staff = CommandContext(Actor.system(till.organization.id), utc_now())
    revoke_order_links(by_staff, till.orders()[0].id)

    for answer in (till.get(), till.order(provider="manual")):
        assert answer.status_code == 200
        assert "/orders/" not in answer.content.decode()


def test_cookies_gone_half_way_change_nothing() -> None:
    till = a_sale()
    till.get()
    till.client.cookies.clear()

    assert till.order().status_code == 303
    assert len(till.orders()) == 1


def test_two_buyers_of_the_last_place() -> None:
    till = a_till()
    last = make_ticket_type(till.event, quantity=1)
    till.fill(line(last))
    till.expire()
    late = another_browser(till)
    till.fill(line(last), now=utc_now())

    assert late.order(email="bea@example.com").status_code == 409
    assert till.order().status_code == 303
    assert places(last.quota_id) == (1, 0)


def test_way_to_pay_that_is_switched_off_meanwhile() -> None:
    till = a_sale()
    till.get()
    till.post("order", **ADA)  # nothing was chosen

    refused = till.order(provider="demo")

    assert refused.status_code == 422
    assert "This payment method is no longer available." in refused.content.decode()
    assert till.orders() == []
    enable_provider(till.organization, "demo")
    assert till.order(provider="demo").status_code == 303
