"""Giving tickets back on a page: choose, see what comes back, agree; and cancelling what is not paid."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.orders.models import Order, OrderHistory, Ticket
from kassa.organizations.models import OrganizationSettings
from kassa.payments.models import Refund
from tests.storefront.pages import BROWSER, links_of, order_path, text_of
from tests.support.sale_world import sale_state
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db
OPEN = {"buyer_refunds_enabled": True, "buyer_refund_fee_percentage": Decimal(10)}


@pytest.fixture
def holders() -> Holders:
    return Holders(**OPEN)


def path_of(holders: Holders, order: Order | None = None) -> str:
    return f"{order_path(holders, order)}/return"


def ids_of(holders: Holders) -> list[UUID]:
    return [ticket.id for ticket in holders.tickets_of(holders.sold)]


def statuses(holders: Holders) -> list[str]:
    return [ticket.status for ticket in holders.tickets_of(holders.sold)]


def offered(answer: Any) -> list[str]:
    """Return the tickets that can be ticked."""
    return re.findall(r'type="checkbox" name="ticket" value="([^"]+)"', answer.content.decode())


def agreement(answer: Any) -> dict[str, Any]:
    """Return what the form sends by which the buyer agrees."""
    hidden = re.findall(r'type="hidden" name="(ticket|agreed)" value="([^"]+)"', answer.content.decode())
    return {
        "ticket": [value for name, value in hidden if name == "ticket"],
        "agreed": next((value for name, value in hidden if name == "agreed"), ""),
    }


def test_the_way_from_the_order_to_the_money(holders: Holders) -> None:
    first, _ = ids_of(holders)
    assert path_of(holders) in links_of(BROWSER.get(order_path(holders)))

    choosing = BROWSER.get(path_of(holders))
    preview = BROWSER.get(path_of(holders), {"ticket": [str(first)], "preview": "1"})

    assert offered(choosing) == [str(one) for one in ids_of(holders)]
    assert "Cancellation fee \N{MINUS SIGN}€4.50" in text_of(preview)
    assert "Total refund €40.50" in text_of(preview)
    assert statuses(holders) == ["valid", "valid"]

    done = BROWSER.post(path_of(holders), agreement(preview))

    assert (done.status_code, done["Location"]) == (303, f"{order_path(holders)}?done=returned")
    assert statuses(holders) == ["refunded", "valid"]
    page = text_of(BROWSER.get(done["Location"]))
    assert "your tickets have been returned" in page
    assert "With the organiser Since" in page
    assert "€40.50" in page
    last = OrderHistory.objects.of(holders.id).latest("id")
    assert (last.to_status, last.changed_by_kind) == ("partially_refunded", "buyer")


def test_a_double_click_gives_back_once(holders: Holders) -> None:
    sent = {"ticket": [str(ids_of(holders)[0])], "agreed": "40.50"}

    answers = [BROWSER.post(path_of(holders), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert Refund.objects.of(holders.id).count() == 1


def test_other_terms_than_agreed_to_are_shown_and_nothing_is_done(holders: Holders) -> None:
    sent = agreement(BROWSER.get(path_of(holders), {"ticket": str(ids_of(holders)[0])}))
    OrganizationSettings.objects.of(holders.id).update(buyer_refund_fee_percentage=50)
    state = sale_state()

    answer = BROWSER.post(path_of(holders), sent)

    assert answer.status_code == 409
    assert "has changed, so nothing was done" in text_of(answer)
    assert agreement(answer) == {**sent, "agreed": "22.500"}
    assert sale_state() == state


def test_what_cannot_go_back_says_why(holders: Holders) -> None:
    first, second = ids_of(holders)
    Ticket.objects.of(holders.id).filter(id=first).update(status="used", checked_in_at=utc_now())

    page = BROWSER.get(path_of(holders))
    refused = BROWSER.post(path_of(holders), {"ticket": [str(first), str(second)], "agreed": "81"})

    assert "It has been used, so it can’t be returned." in text_of(page)
    assert agreement(page)["ticket"] == [str(second)]
    assert refused.status_code == 409
    assert "It has been used" in text_of(refused)
    assert statuses(holders) == ["used", "valid"]


def test_too_late_is_said_with_the_reason(holders: Holders) -> None:
    Event.objects.of(holders.id).update(starts_at=utc_now() + timedelta(hours=3))

    order, page = BROWSER.get(order_path(holders)), BROWSER.get(path_of(holders))

    assert path_of(holders) not in links_of(order)
    assert "It is too late to return this ticket" in text_of(page)
    assert offered(page) == []


def test_an_organiser_who_takes_nothing_back_shows_no_way_there() -> None:
    holders = Holders()

    order = BROWSER.get(order_path(holders))
    answer = BROWSER.post(path_of(holders), {"ticket": [str(ids_of(holders)[0])], "agreed": "45"})

    assert path_of(holders) not in links_of(order)
    assert answer.status_code == 409
    assert "This organiser does not offer returns." in text_of(answer)
    assert statuses(holders) == ["valid", "valid"]


def test_nothing_chosen_is_asked_for(holders: Holders) -> None:
    answer = BROWSER.get(path_of(holders), {"preview": "1"})

    assert answer.status_code == 422
    assert "Choose what you want to return." in text_of(answer)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"ticket": "nonsense", "agreed": "1"},
        {"ticket": str(UUID(int=7)), "agreed": "45"},
        {"agreed": "NaN"},
        {"agreed": "1e999999999"},
        {"ticket": "\x00", "agreed": "-1"},
    ],
)
def test_what_no_form_of_ours_sends_does_nothing(holders: Holders, sent: dict[str, str]) -> None:
    state = sale_state()

    answer = BROWSER.post(path_of(holders), sent)

    assert 200 <= answer.status_code < 500
    assert answer.status_code != 303
    assert sale_state() == state


def test_tickets_of_another_order_are_not_there(holders: Holders) -> None:
    stranger = Holders(**OPEN)
    theirs = str(ids_of(stranger)[0])

    preview = BROWSER.get(path_of(holders), {"ticket": theirs})
    answer = BROWSER.post(path_of(holders), {"ticket": theirs, "agreed": "40.50"})

    assert agreement(preview)["ticket"] == []
    assert answer.status_code == 404
    assert statuses(stranger) == ["valid", "valid"]


def test_the_place_of_a_course_is_a_booking_that_is_cancelled(holders: Holders) -> None:
    Event.objects.of(holders.id).update(kind="course")

    page = BROWSER.get(order_path(holders))
    answer = BROWSER.get(path_of(holders))

    assert "Cancel booking" in text_of(page)
    assert "<h1>Cancel booking</h1>" in answer.content.decode()


def test_it_speaks_french(holders: Holders) -> None:
    first = str(ids_of(holders)[0])

    text = text_of(BROWSER.get(path_of(holders), {"ticket": first, "lang": "fr"}))

    for shown in (
        "Rendre des billets",
        "Votre remboursement",
        "Total remboursé 40,50 €",
    ):
        assert shown in text


def test_an_unpaid_order_is_cancelled_on_its_page() -> None:
    holders = Holders()
    order = holders.place()
    path = order_path(holders, order)
    assert "Cancel this order" in text_of(BROWSER.get(path))

    answers = [BROWSER.post(f"{path}/cancel") for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [f"{path}?done=cancelled"] * 2
    page = text_of(BROWSER.get(answers[0]["Location"]))
    assert "Your order has been cancelled" in page
    assert "Yes, cancel this order" not in page
    assert holders.order(order.id).status == "cancelled"


def test_a_paid_order_is_not_cancelled(holders: Holders) -> None:
    state = sale_state()

    answer = BROWSER.post(f"{order_path(holders)}/cancel")

    assert answer.status_code == 409
    assert "This order has been paid in the meantime" in text_of(answer)
    assert "Yes, cancel this order" not in text_of(BROWSER.get(order_path(holders)))
    assert sale_state() == state


@pytest.mark.parametrize("rest", ["return", "cancel"])
def test_what_is_no_link_leads_nowhere(rest: str) -> None:
    assert BROWSER.post(f"/orders/{'A' * 64}/{rest}").status_code == 404


def test_going_back_after_it_is_done_offers_nothing_else_instead(holders: Holders) -> None:
    first, second = ids_of(holders)
    preview = path_of(holders) + f"?ticket={first}&preview=1"
    BROWSER.post(path_of(holders), agreement(BROWSER.get(preview)))

    again = BROWSER.get(preview)

    assert "It has already been returned" in text_of(again)
    assert agreement(again) == {"ticket": [], "agreed": ""}
    assert agreement(BROWSER.get(path_of(holders)))["ticket"] == [str(second)]


def test_fees_that_do_not_come_back_are_named() -> None:
    holders = Holders(**OPEN, service_fee_fixed=Decimal("1.40"))
    first, second = ids_of(holders)

    one = text_of(BROWSER.get(path_of(holders), {"ticket": [str(first)], "preview": "1"}))
    both = text_of(BROWSER.get(path_of(holders), {"ticket": [str(first), str(second)], "preview": "1"}))

    assert "not refunded" not in one
    assert "Service fee (not refunded) €1.40" in both
