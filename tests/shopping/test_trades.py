"""A purchase in each trade, as people make it; what came of it stands in the database."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from playwright.sync_api import expect

from tests.shopping.buyer import DESKTOP, PHONE, Buyer
from tests.shopping.members import confirm, sign_up
from tests.shopping.served import CONCERT, COURSE, FREE_COURSE, TRIP

SendIn = Callable[..., Buyer]


def assert_adds_up(order: dict[str, Any]) -> None:
    parts = order["subtotal"] - order["discount"] + order["fees"] + order["taxes"] + order["shipping"]
    assert order["total"] == parts


def test_concert_seats_are_chosen_on_the_plan(send_in: SendIn) -> None:
    buyer = send_in(DESKTOP)
    buyer.open_event(CONCERT)
    names = buyer.point_at_seats(2)
    buyer.go_on()
    buyer.fill()
    buyer.order()
    page = buyer.answer_bank("pay")

    order, tickets = buyer.confirmed(), buyer.tickets()
    assert [(ticket["status"], ticket["seat_status"]) for ticket in tickets] == [("valid", "sold")] * 2
    assert len({ticket["seat_id"] for ticket in tickets}) == len(set(names)) == 2
    assert (order["payment_status"], order["customer_language"]) == ("paid", "en")
    assert_adds_up(order)
    page.reload()
    expect(page.get_by_text(order["number"]).first).to_be_visible()


def test_coach_seats_are_tapped_on_a_phone_with_a_coupon(send_in: SendIn) -> None:
    buyer = send_in(PHONE)
    trip = buyer.open_event(TRIP, lang="fr")
    buyer.tap_seats(2)
    page = buyer.page
    page.locator("details:has(#coupon) > summary").click()
    page.locator("#coupon").fill("HERON10")
    buyer.go_on()
    buyer.fill()
    buyer.order()
    buyer.answer_bank("pay")

    order, tickets = buyer.confirmed(), buyer.tickets()
    assert [(ticket["status"], ticket["seat_status"]) for ticket in tickets] == [("valid", "sold")] * 2
    assert {ticket["event_id"] for ticket in tickets} == {trip["id"]}
    assert (order["coupon_code"], order["customer_language"]) == ("HERON10", "fr")
    assert order["discount"] == (order["subtotal"] / 10).quantize(Decimal("0.01"))
    assert_adds_up(order)


def test_course_is_booked_for_somebody_else(send_in: SendIn, shop: Any) -> None:
    buyer = send_in(DESKTOP, locale="fr-FR")
    course = buyer.open_event(COURSE)
    [place] = shop.rows("SELECT * FROM catalog_tickettype WHERE event_id = %s", course["id"])
    buyer.take(place["id"], 1)
    page = buyer.go_on()
    page.locator("details:has(.attendee) > summary").click()
    page.locator(f'[name="t-{place["id"]}-0-mine"]').uncheck()
    page.locator(f'[name="t-{place["id"]}-0-first_name"]').fill("Grace")
    page.locator(f'[name="t-{place["id"]}-0-last_name"]').fill("Hopper")
    buyer.fill()
    buyer.order()
    buyer.answer_bank("pay")

    order, [ticket] = buyer.confirmed(), buyer.tickets()
    assert (ticket["attendee_first_name"], ticket["attendee_last_name"]) == ("Grace", "Hopper")
    assert (ticket["status"], order["customer_language"]) == ("valid", "fr")
    assert ticket["price_paid"] == place["price"]
    assert_adds_up(order)


def test_product_is_sent_to_an_address(send_in: SendIn, shop: Any) -> None:
    buyer = send_in(PHONE)
    [product] = shop.rows("SELECT * FROM catalog_product WHERE name LIKE 'Wool sleeve%%'")
    buyer.open(f"/copper-lane-electronics/products/{product['id']}")
    buyer.take(product["id"], 1, kind="product")
    buyer.go_on()
    buyer.use_coupon("HELLO5")
    home = {
        "shipping__name": "Ada Lovelace",
        "shipping__line1": "12 Analytical Street",
        "shipping__postal_code": "78701",
        "shipping__city": "Austin",
        "shipping__country": "US",
    }
    buyer.fill(**home)
    buyer.order()
    buyer.answer_bank("pay")

    order = buyer.confirmed()
    sent_to = order["shipping_address"]
    assert (sent_to["name"], sent_to["line1"], sent_to["country"]) == (
        "Ada Lovelace",
        "12 Analytical Street",
        "US",
    )
    assert (order["coupon_code"], order["payment_status"]) == ("HELLO5", "paid")
    assert order["shipping"] > 0
    assert order["discount"] > 0
    assert_adds_up(order)


def test_free_place_is_had_without_scripts(send_in: SendIn, shop: Any) -> None:
    buyer = send_in(PHONE, java_script_enabled=False, locale="fr-FR")
    course = buyer.open_event(FREE_COURSE)
    [place] = shop.rows("SELECT * FROM catalog_tickettype WHERE event_id = %s", course["id"])
    buyer.take(place["id"], 1)
    buyer.go_on()
    buyer.fill()
    buyer.order(way=None)

    order, [ticket] = buyer.confirmed(), buyer.tickets()
    assert (order["total"], ticket["status"]) == (0, "valid")


def test_seats_are_chosen_from_a_list_and_paid_without_scripts(send_in: SendIn) -> None:
    buyer = send_in(DESKTOP, java_script_enabled=False)
    buyer.open_event(CONCERT)
    page = buyer.page
    page.locator("[data-list]").click()
    page.wait_for_url("**/seats**")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("checkbox").nth(1).check()
    buyer.go_on()
    buyer.fill(first_name="")
    buyer.expect_refusal(422)
    page.locator("#checkout .actions [name=do][value=order]").click()
    expect(page.locator("#checkout [name=email]")).to_have_value(buyer.email)
    expect(page.get_by_role("alert").first).to_be_visible()
    buyer.fill()
    buyer.order()
    buyer.answer_bank("pay")

    tickets = buyer.tickets()
    assert buyer.confirmed()["payment_status"] == "paid"
    assert [ticket["seat_status"] for ticket in tickets] == ["sold"] * 2


def test_member_buys_and_finds_the_order_again(send_in: SendIn, shop: Any) -> None:
    buyer = send_in(PHONE)
    sign_up(buyer)
    confirm(buyer)
    course = buyer.open_event(COURSE)
    [place] = shop.rows("SELECT * FROM catalog_tickettype WHERE event_id = %s", course["id"])
    buyer.take(place["id"], 1)
    page = buyer.go_on()
    expect(page.locator("#checkout [name=email]")).to_have_value(buyer.email)
    buyer.order()
    buyer.answer_bank("pay")
    order = buyer.confirmed()
    page = buyer.open("/account/")

    expect(page.get_by_text(order["number"]).first).to_be_visible()
    person = shop.row("SELECT id FROM identity_user WHERE email = %s", buyer.email)
    assert order["user_id"] == person["id"]
