"""order-drafts.md: attempts and retries, marking as paid, and the edge cases."""

from __future__ import annotations

from functools import partial

from kassa.core.clock import utc_now
from tests.spec.shop import DEMO, Shop, all_at_once, order_body
from tests.support.api_client import ApiClient
from tests.support.factories import make_event, make_organization, make_ticket_type, moment, places


def fail_once(shop: Shop, order: dict[str, str], *, again: bool) -> None:
    """Try to pay, and let the bank decline."""
    shop.visit(shop.retry(order) if again else shop.open(order), "decline")
    shop.hear()


# Payment attempts


def test_payment_is_tried_three_times_and_not_a_fourth(shop: Shop) -> None:
    """MAX_PAYMENT_ATTEMPTS: three, whether they are opened or retried; then nothing can be paid."""
    order = shop.buy(shop.standing)
    seen = []
    for again in (False, True, True):
        fail_once(shop, order, again=again)
        now = shop.read(order)
        seen.append((now["payment_attempts"], now["can_retry_payment"]))

    path = f"/orders/{order['id']}"
    refused = [
        shop.refused("POST", f"{path}/retry-payment"),
        shop.refused("POST", f"{path}/payments", DEMO),
        shop.refused("POST", f"{path}/payments", {"provider": "manual"}),
    ]

    assert seen == [(1, True), (2, True), (3, False)]
    assert refused == ["payment_attempts_exhausted"] * 3
    assert [one["status"] for one in shop.money_of(order)["attempts"]] == ["failed"] * 3
    assert shop.states(order) == ("pending", "failed")


def test_third_attempt_can_be_the_one_that_pays(shop: Shop) -> None:
    """retry_payment: what failed twice is paid the third time, and confirmed once."""
    order = shop.buy(shop.standing)
    fail_once(shop, order, again=False)
    fail_once(shop, order, again=True)

    shop.visit(shop.retry(order))
    shop.hear()

    money = shop.money_of(order)
    assert shop.states(order) == ("confirmed", "paid")
    assert [one["status"] for one in money["attempts"]] == ["failed", "failed", "succeeded"]
    assert [payment["attempt"] for payment in money["payments"]] == [money["attempts"][2]["id"]]


def test_organisation_sets_how_many_attempts_there_are() -> None:
    """MAX_PAYMENT_ATTEMPTS: a setting, three by default."""
    shop = Shop(make_organization(max_payment_attempts=1))
    order = shop.buy(shop.standing)
    fail_once(shop, order, again=False)

    assert shop.refused("POST", f"/orders/{order['id']}/retry-payment") == "payment_attempts_exhausted"
    assert shop.get("/organization")["settings"]["max_payment_attempts"] == 1


def test_attempts_are_counted_with_the_time_of_the_last(shop: Shop) -> None:
    """increment_payment_attempt!: the counter goes up by one, and last_payment_attempt_at is now."""
    order = shop.buy(shop.standing)
    first = shop.open(order)
    tried = shop.read(order)
    shop.visit(first, "decline")
    shop.hear()

    second = shop.retry(order)

    seen = [
        (one["payment_attempts"], one["last_payment_attempt_at"]) for one in (order, tried, shop.read(order))
    ]
    assert seen == [(0, None), (1, first["created_at"]), (2, second["created_at"])]


def test_retry_while_the_payment_is_still_open_returns_to_it(shop: Shop) -> None:
    """retry_payment: a buyer who comes back to an open page gets that page and loses no attempt."""
    order = shop.buy(shop.standing)
    first = shop.open(order)

    assert shop.retry(order) == first

    assert shop.read(order)["payment_attempts"] == 1


def test_nothing_is_retried_before_it_was_tried(shop: Shop) -> None:
    """retry_payment: the first attempt is opened, not retried."""
    order = shop.buy(shop.standing)

    assert shop.refused("POST", f"/orders/{order['id']}/retry-payment") == "nothing_to_retry"
    assert shop.read(order) == order


def test_buyer_who_leaves_the_page_can_try_again(shop: Shop) -> None:
    """Payment success and cancel handling: leaving the bank's page fails the attempt, not the order."""
    order = shop.buy(shop.standing)

    shop.visit(shop.open(order), "cancel")
    shop.hear()

    assert [one["status"] for one in shop.money_of(order)["attempts"]] == ["cancelled"]
    assert shop.states(order) == ("pending", "failed")
    assert shop.read(order)["can_retry_payment"]


# Mark as paid


def test_order_that_is_marked_as_paid_activates_all_its_tickets(shop: Shop) -> None:
    """mark_as_paid!: the order is paid and every ticket valid, at one moment."""
    order = shop.buy(shop.standing, 3)
    path = f"/orders/{order['id']}"
    shop.ask("POST", f"{path}/payments", {"provider": "manual"}, expect=201)
    receipt = {"amount": "135.00", "currency": "EUR", "reference": "Statement 4, line 1"}

    paid = shop.ask("POST", f"{path}/receipts", receipt, expect=200)

    now = shop.read(order)
    assert paid["outcome"] == "confirmed"
    assert (now["status"], now["payment_status"], now["payment_method"]) == ("confirmed", "paid", "transfer")
    assert [ticket["status"] for ticket in now["tickets"]] == ["valid"] * 3
    assert [one["status"] for one in paid["attempts"]] == ["succeeded"]


def test_confirming_by_hand_activates_all_its_tickets(shop: Shop) -> None:
    """mark_as_paid! by the status: what is missing is booked, so that no ticket is valid without money."""
    order = shop.buy(shop.standing, 2)

    now = shop.put_status(order, "confirmed", notes="Paid in cash.")

    assert {ticket["status"] for ticket in now["tickets"]} == {"valid"}
    assert shop.money_of(order)["received"] == order["total"] == "90.00"


# Edge cases


def test_order_without_tickets_is_refused(shop: Shop) -> None:
    """Edge case: an order with no tickets."""
    nothing = {"lines": [], "customer": {"email": "ada@example.com"}}

    problem = shop.ask("POST", "/orders", nothing, expect=422)

    assert [error["field"] for error in problem["errors"]] == ["lines"]
    assert shop.get("/orders")["items"] == []


def test_last_place_goes_to_one_of_many_at_once(shop: Shop) -> None:
    """Edge case: concurrent order creation for the last place, each buyer on a connection of their own."""
    last = make_ticket_type(make_event(shop.organization), quantity=1)
    key = shop.api.secret

    def order(number: int) -> int:
        body = order_body(last, email=f"buyer{number}@example.com")
        return int(ApiClient(key).post("/api/v1/orders", body).status_code)

    answers = all_at_once([partial(order, number) for number in range(8)])

    assert sorted(answers) == [201] + [409] * 7
    assert places(last.quota_id) == (1, 0)
    assert len(shop.get("/orders")["items"]) == 1


def test_payment_opened_many_times_at_once_is_one_attempt(shop: Shop) -> None:
    """Edge case: a double click, or many, opens one session at the provider."""
    order = shop.buy(shop.standing)
    path = f"/api/v1/orders/{order['id']}/payments"

    answers = all_at_once([partial(shop.api.post, path, DEMO)] * 6)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["checkout_url"] for answer in answers}) == 1
    assert shop.read(order)["payment_attempts"] == 1


def test_free_order_needs_no_attempt(shop: Shop) -> None:
    """Edge case: an order that costs nothing is confirmed at once; there is nothing to pay."""
    free = make_ticket_type(shop.event, price=0, is_free=True)

    order = shop.buy(free)

    assert (order["status"], order["payment_status"]) == ("confirmed", "paid")
    assert moment(order["paid_at"]) <= utc_now()
    assert shop.refused("POST", f"/orders/{order['id']}/payments", DEMO) == "nothing_to_pay"
