"""Paying an order from its page: what happened, what is left, and how it goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from kassa.core.clock import utc_now
from kassa.integrations.demo_bank.domain.pay import decline, pay
from kassa.integrations.demo_bank.enums import Speed
from kassa.orders.models import Order
from kassa.payments.models import PaymentAttempt
from kassa.storefront.checkout.pay_panel import PayState, pay_panel
from kassa.tickets.domain.links import order_token
from tests.sales.carts import seated, seats_of
from tests.storefront.checkout.world import ADA, Till, a_sale, a_till, text_of, value_of
from tests.support.factories import enable_provider, line, make_coupon, make_product, make_ticket_type

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


def order_of(till: Till) -> Order:
    return till.orders()[-1]


def path_of(till: Till, end: str = "") -> str:
    return f"/orders/{order_token(till.organization.id, order_of(till).id, 0)}{end}"


def page_of(till: Till) -> Any:
    return till.get(path_of(till))


def panel_of(till: Till) -> Any:
    return pay_panel(order_of(till), now=utc_now())


def set_attempt(till: Till, **values: Any) -> None:
    PaymentAttempt.objects.of(till.organization.id).filter(id=till.attempts()[-1].id).update(**values)


def set_order(till: Till, **values: Any) -> None:
    Order.objects.of(till.organization.id).filter(id=order_of(till).id).update(**values)


def at_the_bank(**options: Any) -> Till:
    """Return a till whose buyer has just been sent to the demo bank."""
    till = a_sale(providers=("demo", "manual"), **options)
    till.order(provider="demo")
    return till


def bank_reference(till: Till) -> str:
    return till.attempts()[-1].provider_reference or ""


def test_buyer_is_sent_to_the_bank_by_a_page_of_ours() -> None:
    till = a_sale(providers=("demo",))

    answer = till.order(provider="demo")
    forward = till.client.get(answer["Location"])

    url = till.attempts()[0].checkout_url
    assert answer["Location"] == path_of(till, "/pay")
    assert f'<meta http-equiv="refresh" content="0; url={url}">' in forward.content.decode()
    assert f'href="{url}"' in forward.content.decode()
    assert "form-action 'self'" in forward["Content-Security-Policy"]


def test_bank_on_our_own_host_needs_no_page_between() -> None:
    till = a_sale(providers=("demo",))
    till.client = Client(headers={"Host": "127.0.0.1:8000"})

    assert till.order(provider="demo")["Location"] == till.attempts()[0].checkout_url


def test_page_leads_back_to_the_bank() -> None:
    till = at_the_bank()

    assert panel_of(till).state == PayState.OPEN
    shown = page_of(till).content.decode()
    assert path_of(till, "/pay") in shown
    assert till.attempts()[0].checkout_url not in shown


def test_declined_payment_comes_back_with_another_try() -> None:
    till = at_the_bank()
    decline(bank_reference(till), now=utc_now())

    answer = till.get(path_of(till, "/back"))
    page = text_of(page_of(till))

    assert (answer.status_code, answer["Location"]) == (303, path_of(till))
    assert [attempt.status for attempt in till.attempts()] == ["failed"]
    assert "The payment did not go through. You have not been charged." in page
    assert "You can try 2 more times." in page
    assert "The bank declined the payment." in page
    with override("fr"):
        assert panel_of(till).reason == "La banque a refusé le paiement."
    set_attempt(till, error="Your card has insufficient funds.")
    with override("fr"):
        assert panel_of(till).reason == "Your card has insufficient funds."


def test_paid_order_is_confirmed_when_the_buyer_is_back() -> None:
    till = at_the_bank()
    pay(bank_reference(till), now=utc_now())

    till.get(path_of(till, "/back"))

    assert order_of(till).status == "confirmed"
    assert panel_of(till).state == PayState.NOTHING
    assert 'class="card pay"' not in page_of(till).content.decode()


def test_retry_is_one_attempt_however_often_it_is_sent() -> None:
    till = at_the_bank()
    set_attempt(till, status="failed")
    key = value_of(page_of(till), "key")

    first = till.post("", path=path_of(till, "/pay"), provider="manual", key=key)
    second = till.post("", path=path_of(till, "/pay"), provider="manual", key=key)
    other = till.post("", path=path_of(till, "/pay"), provider="demo", key=key)

    assert {answer["Location"] for answer in (first, second, other)} == {path_of(till)}
    assert [(one.provider, one.status) for one in till.attempts()] == [("demo", "failed"), ("manual", "open")]


def test_another_way_ends_the_first() -> None:
    till = at_the_bank()

    till.post("", path=path_of(till, "/pay"), provider="manual", key=value_of(page_of(till), "key"))

    assert [one.status for one in till.attempts()] == ["cancelled", "open"]
    assert panel_of(till).state == PayState.TRANSFER


def test_provider_that_does_not_answer_leaves_an_order_that_can_be_paid() -> None:
    till = a_sale(providers=("manual",))
    enable_provider(till.organization, "demo", open="dead")

    answer = till.order(provider="demo")
    assert answer["Location"] == path_of(till)
    assert [one.status for one in till.attempts()] == ["opening"]
    fresh = panel_of(till)
    assert (fresh.happened, fresh.refresh_seconds) == ("", 5)
    set_attempt(till, created_at=utc_now() - timedelta(minutes=1))
    page = page_of(till)
    assert "The payment service did not respond. You have not been charged." in text_of(page)
    enable_provider(till.organization, "demo")
    till.post("", path=path_of(till, "/pay"), provider="demo", key=value_of(page, "key"))

    assert [one.status for one in till.attempts()] == ["open"]


def test_provider_that_does_not_answer_is_not_the_only_way() -> None:
    till = a_sale(providers=("manual",))
    enable_provider(till.organization, "demo", open="dead")
    till.order(provider="demo")

    till.post("", path=path_of(till, "/pay"), provider="manual", key=value_of(page_of(till), "key"))

    assert [(one.provider, one.status) for one in till.attempts()] == [
        ("demo", "cancelled"),
        ("manual", "open"),
    ]


def test_payment_under_way_waits_and_looks_again() -> None:
    till = at_the_bank()
    pay(bank_reference(till), speed=Speed.SLOW, now=utc_now())
    till.get(path_of(till, "/back"))

    panel, page = panel_of(till), page_of(till).content.decode()

    assert (panel.state, panel.refresh_seconds) == (PayState.WAITING, 5)
    assert '<meta http-equiv="refresh" content="5">' in page
    assert 'name="provider"' not in page
    till.post("", path=path_of(till, "/pay"), provider="manual", key="page:2")
    assert len(till.attempts()) == 1


def test_no_attempts_left_leads_to_the_same_again() -> None:
    till = at_the_bank(max_payment_attempts=1)
    set_attempt(till, status="failed")

    page = page_of(till)
    assert panel_of(till).state == PayState.EXHAUSTED
    assert "Too many payments for this order have failed" in text_of(page)
    assert 'name="provider"' not in page.content.decode()
    till.post("", path=path_of(till, "/pay"), provider="manual", key="page:2")
    assert len(till.attempts()) == 1
    answer = till.client.post(path_of(till, "/again"))

    assert order_of(till).status == "cancelled"
    assert answer.status_code == 303
    shown = till.client.get(answer["Location"])
    assert value_of(shown, "email") == "ada@example.com"
    assert "Pay €45.00" in text_of(shown)


def test_time_that_is_nearly_over_is_told() -> None:
    till = at_the_bank()
    set_attempt(till, status="failed")
    set_order(till, expires_at=utc_now() + timedelta(minutes=4))

    assert panel_of(till).is_soon
    assert "Your time to pay is running out." in text_of(page_of(till))


def test_expired_order_is_chosen_again_with_all_that_was_typed() -> None:
    till = a_till()
    front, poster = seated(till.event), make_product(till.organization)
    seats = tuple(seat.id for seat in seats_of(till.event)[:2])
    coupon = make_coupon(till.organization)
    till.fill(line(front, 2, seat_ids=seats), line(poster), coupon_code=coupon.code)
    till.order(notes="At the door.", **{f"t-{front.id}-0-mine": "on", f"t-{front.id}-1-first_name": "Bea"})
    set_order(till, expires_at=utc_now() - timedelta(seconds=1))

    assert panel_of(till).state == PayState.ENDED
    assert "Order the same again" in text_of(page_of(till))
    first, second = (till.client.post(path_of(till, "/again")) for _ in range(2))
    shown = till.client.get(first["Location"])

    assert (first.status_code, first["Location"]) == (303, second["Location"])
    assert value_of(shown, "email") == "ada@example.com"
    assert value_of(shown, "notes") == "At the door."
    assert value_of(shown, f"t-{front.id}-1-first_name") == "Bea"
    assert coupon.code in text_of(shown)
    assert {seat.status for seat in seats_of(till.event)[:2]} == {"held"}


def test_what_cannot_be_had_again_is_said_on_the_next_page() -> None:
    till = a_sale(2, fields={"quantity": 2})
    till.order()
    kind = make_ticket_type(till.event)
    set_order(till, expires_at=utc_now() - timedelta(seconds=1))
    expired = path_of(till, "/again")
    first = till.orders()[0].items.get().ticket_type
    assert first is not None
    till.fill(line(first))

    answer = till.client.post(expired)

    assert "Only 1 of “Standing” is left." in text_of(till.client.get(answer["Location"]))
    forged = answer["Location"].rpartition("told=")[0] + "told=x"
    assert "Only 1" not in text_of(till.client.get(forged))
    assert kind is not None


def test_nothing_of_it_is_left() -> None:
    till = a_sale()
    till.order()
    set_order(till, expires_at=utc_now() - timedelta(seconds=1))
    type(till.event).unscoped.filter(id=till.event.id).update(status="cancelled")

    answer = till.client.post(path_of(till, "/again"))

    assert answer.status_code == 409
    assert "“Standing” is no longer on sale: the event has been cancelled." in text_of(answer)


def test_order_that_holds_its_places_is_not_chosen_again() -> None:
    till = a_sale()
    till.order()

    answer = till.client.post(path_of(till, "/again"))

    assert (answer.status_code, answer["Location"]) == (303, path_of(till))
    assert order_of(till).status == "pending" or order_of(till).status == "draft"


@pytest.mark.parametrize("end", ["/pay", "/back", "/again"])
def test_bad_links_lead_nowhere(end: str) -> None:
    assert Client().post(f"/orders/nonsense{end}").status_code in (404, 405)
    assert Client().get(f"/orders/nonsense{end}").status_code in (404, 405)


def test_odd_forms_change_nothing() -> None:
    till = a_sale()
    till.order()
    before = till.attempts()

    for typed in ({}, {"provider": "x", "key": "\x00"}, {"provider": "stripe", "key": "k" * 5000}):
        assert till.post("", path=path_of(till, "/pay"), **typed).status_code == 303

    assert till.attempts() == before


def test_panel_reads_as_much_however_often_was_tried() -> None:
    def queries(attempts: int) -> int:
        till = a_sale(max_payment_attempts=9)
        till.order()
        for nth in range(attempts):
            set_attempt(till, status="failed")
            till.post("", path=path_of(till, "/pay"), provider="manual", key=f"again:{nth}")
        order = order_of(till)
        with CaptureQueriesContext(connection) as seen:
            pay_panel(order, now=utc_now())
        return len(seen)

    assert queries(3) == queries(0) <= 5


def test_order_without_a_cart_of_this_browser_is_paid_all_the_same() -> None:
    till = a_sale()
    till.order()
    till.client = Client()

    assert page_of(till).status_code == 200
    assert ADA["email"] in text_of(page_of(till))
