"""event-platform.md: who a ticket is for, and what else is known of them (attendeeInfo.additionalFields)."""

from __future__ import annotations

from typing import Any

from tests.spec.shop import Shop, order_body
from tests.support.factories import make_question

ADA: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.com",
    "phone": "+44 20 7946 0018",
    "fields": {"company": "Analytical Engines", "seat_cushion": True, "visits": 7, "fax": None},
}


def test_ticket_shows_its_attendee_with_additional_fields(shop: Shop) -> None:
    """Ticket.attendeeInfo: names, e-mail, phone and any additional fields, of each ticket by itself."""
    placed = shop.buy(shop.standing, 2, attendees=[ADA])
    nobody = {"first_name": "", "last_name": "", "email": "", "phone": "", "fields": {}}

    assert [ticket["attendee"] for ticket in placed["tickets"]] == [ADA, nobody]
    assert [ticket["attendee"] for ticket in shop.read(placed)["tickets"]] == [ADA, nobody]


def test_ticket_of_a_cart_shows_its_attendee_too(shop: Shop) -> None:
    """Cart and Ticket.attendeeInfo: attendees are named when the cart is ordered."""
    lines = [{"ticket_type": str(shop.standing.id)}]
    cart = shop.ask("POST", "/carts", {"lines": lines}, expect=201)
    body = {
        "customer": {"email": "ada@example.com"},
        "attendees": [{"item": cart["items"][0]["id"], "attendees": [ADA]}],
    }

    placed = shop.ask("POST", f"/carts/{cart['id']}/order", body, expect=201)

    assert placed["tickets"][0]["attendee"] == ADA


def test_additional_fields_that_an_event_asks_for_are_checked(shop: Shop) -> None:
    """Ticket.attendeeInfo.additionalFields: what the organiser asks is answered, the rest is left alone."""
    make_question(shop.event, "company", is_required=True, max_length=20)
    wrong = {**ADA, "fields": {"company": "x" * 21}}

    for attendees, code in (([], "answer_missing"), ([wrong], "answer_invalid")):
        assert shop.refused("POST", "/orders", order_body(shop.standing, attendees=attendees)) == code
    assert shop.get("/orders")["items"] == []
    assert shop.buy(shop.standing, attendees=[ADA])["tickets"][0]["attendee"] == ADA
