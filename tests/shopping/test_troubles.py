"""What goes wrong on the way to a ticket, and how it ends well all the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.shopping.buyer import DESKTOP, PHONE, Buyer
from tests.shopping.served import CONCERT, COURSE
from tests.support.conditions import wait_until

OVERDUE = "UPDATE {} SET expires_at = now() - interval '1 second' WHERE id = %s"
SendIn = Callable[..., Buyer]


def put_course_into_cart(buyer: Buyer) -> Any:
    """Come to the checkout with one place; return its ticket type."""
    course = buyer.open_event(COURSE)
    [place] = buyer.shop.rows("SELECT * FROM catalog_tickettype WHERE event_id = %s", course["id"])
    buyer.take(place["id"], 1)
    buyer.go_on()
    return place["id"]


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "no-scripts"])
def test_failed_payment_is_tried_again(send_in: SendIn, has_scripts: bool) -> None:
    buyer = send_in(PHONE, java_script_enabled=has_scripts)
    put_course_into_cart(buyer)
    buyer.fill()
    buyer.order()
    page = buyer.answer_bank("decline")
    wait_until(lambda: buyer.order_row()["payment_status"] == "failed")
    page.reload()
    page.locator('form[action$="/pay"] button.primary').click()
    page.wait_for_url(re.compile("/demo-bank/"))
    buyer.answer_bank("pay")

    order, [ticket] = buyer.confirmed(), buyer.tickets()
    assert (order["payment_status"], ticket["status"]) == ("paid", "valid")
    attempts = buyer.shop.rows(
        "SELECT status, amount FROM payments_paymentattempt WHERE order_id = %s ORDER BY number", order["id"]
    )
    assert [one["status"] for one in attempts] == ["failed", "succeeded"]
    assert {one["amount"] for one in attempts} == {order["total"]}


def test_cart_that_has_run_out_is_chosen_again(send_in: SendIn) -> None:
    buyer = send_in(DESKTOP)
    put_course_into_cart(buyer)
    buyer.fill(first_name="Grace")
    page = buyer.page
    [cart] = buyer.shop.rows(
        "SELECT * FROM sales_cart WHERE status = 'active' ORDER BY created_at DESC LIMIT 1"
    )
    buyer.shop.change(
        "UPDATE sales_cart SET expires_at = now() - interval '1 second' WHERE id = %s", cart["id"]
    )
    buyer.expect_refusal(409)
    page.locator('#checkout [name="provider"][value="demo"]').check()
    page.locator("#checkout .actions [name=do][value=order]").click()
    page.locator("#again").click()
    page.locator("#checkout .actions [name=do][value=order]").wait_for()
    expect(page.locator("#checkout [name=first_name]")).to_have_value("Grace")
    expect(page.locator("#checkout [name=email]")).to_have_value(buyer.email)
    buyer.order()
    buyer.answer_bank("pay")

    order, [ticket] = buyer.confirmed(), buyer.tickets()
    assert (ticket["status"], order["customer_first_name"]) == ("valid", "Grace")
    assert order["cart_id"] != cart["id"]


def test_order_that_has_run_out_is_chosen_again(send_in: SendIn) -> None:
    buyer = send_in(PHONE, java_script_enabled=False)
    put_course_into_cart(buyer)
    buyer.fill()
    buyer.order()
    page = buyer.answer_bank("decline")
    first = buyer.order_row()
    wait_until(lambda: buyer.order_row()["payment_status"] == "failed")
    buyer.shop.change(
        "UPDATE orders_order SET expires_at = now() - interval '1 second' WHERE id = %s", first["id"]
    )
    wait_until(lambda: buyer.order_row()["status"] == "expired")
    page.reload()
    page.locator('form[action$="/again"] button').click()
    page.wait_for_url(re.compile("/checkout/"))
    expect(page.locator("#checkout [name=email]")).to_have_value(buyer.email)
    again = buyer.shop.new_email()
    buyer.email = again
    buyer.fill()
    buyer.order()
    buyer.answer_bank("pay")

    order, [ticket] = buyer.confirmed(), buyer.tickets()
    assert (order["payment_status"], ticket["status"]) == ("paid", "valid")
    assert order["id"] != first["id"]


def is_in(buyer: Buyer) -> bool:
    return "/checkout/" in buyer.page.url


def told(buyer: Buyer) -> Locator:
    return buyer.page.locator('[data-problem="seat"]')


def test_two_browsers_want_one_seat(send_in: SendIn) -> None:
    rivals = [send_in(DESKTOP), send_in(PHONE)]
    for rival in rivals:
        rival.expect_refusal(409)
        rival.open_event(CONCERT)
    wanted = [rival.point_at_seats(1) for rival in rivals]
    assert wanted[0] == wanted[1]
    for rival in rivals:
        rival.page.evaluate("setTimeout(() => document.querySelector('form.choose').requestSubmit(), 50)")
    for rival in rivals:
        wait_until(lambda rival=rival: is_in(rival) or told(rival).is_visible())  # type: ignore[misc]
    [loser] = [rival for rival in rivals if not is_in(rival)]
    assert wanted[0][0].rsplit(" ", 1)[-1] in told(loser).inner_text()

    while loser.chosen_seats.count():
        loser.chosen_seats.first.get_by_role("button").click()
    others = loser.point_at_seats(1)
    assert others != wanted[0]
    loser.go_on()
    for rival in rivals:
        rival.fill()
        rival.order()
        rival.answer_bank("pay")
    seats = [rival.confirmed() and rival.tickets()[0]["seat_id"] for rival in rivals]
    assert len(set(seats)) == 2
    assert [rival.tickets()[0]["seat_status"] for rival in rivals] == ["sold", "sold"]
