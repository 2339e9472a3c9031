"""Writes of money that are repeated: one key, one effect, one answer; and a dry run that writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from kassa.payments.models import PaymentAttempt, Refund
from tests.spec.shop import DEMO, Shop, all_at_once, books

Order = dict[str, Any]
KEY = "one-click"


def paid(shop: Shop) -> Order:
    return shop.paid(shop.standing, 2)


def path_of(order: Order, what: str) -> str:
    return f"/api/v1/orders/{order['id']}/{what}"


# Payments


def test_payment_is_opened_once_for_a_key(shop: Shop) -> None:
    """POST payments: the same key gives the same attempt, marked as repeated, and counts once."""
    order = shop.buy(shop.standing)
    path = path_of(order, "payments")

    first = shop.api.post(path, DEMO, key=KEY)
    before = books()
    second = shop.api.post(path, DEMO, key=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second["Location"] == first["Location"]
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert books() == before
    assert shop.read(order)["payment_attempts"] == 1


def test_attempt_that_has_ended_is_still_the_answer_to_its_key(shop: Shop) -> None:
    """POST payments: the key is not used up by time; it names that attempt and opens no other."""
    order = shop.buy(shop.standing)
    attempt = shop.open(order, key=KEY)
    shop.visit(attempt)
    shop.hear()

    again = shop.open(order, key=KEY)

    assert (again["id"], again["status"]) == (attempt["id"], "succeeded")
    assert PaymentAttempt.objects.of(shop.id).count() == 1


@pytest.mark.parametrize("other_body", [{"provider": "manual"}, {"return_url": "https://evil.example"}])
def test_key_of_a_payment_is_refused_with_another_body(shop: Shop, other_body: dict[str, str]) -> None:
    """POST payments: the key with another request is refused and changes nothing."""
    order = shop.buy(shop.standing)
    shop.open(order, key=KEY)
    before = books()

    problem = shop.ask("POST", f"/orders/{order['id']}/payments", {**DEMO, **other_body}, key=KEY, expect=422)

    assert problem["code"] == "attempt_key_reused"
    assert books() == before


def test_retry_is_repeated_under_its_key(shop: Shop) -> None:
    """POST retry-payment: the same key gives the same new attempt, whatever has become of it."""
    order = shop.buy(shop.standing)
    shop.visit(shop.open(order), "decline")
    shop.hear()
    path = path_of(order, "retry-payment")

    first = shop.api.post(path, None, key=KEY).json()
    shop.visit(first, "decline")
    shop.hear()
    second = shop.api.post(path, None, key=KEY).json()

    assert (second["id"], second["number"], second["status"]) == (first["id"], 2, "failed")
    assert shop.read(order)["payment_attempts"] == 2


def test_transfer_is_booked_once_for_its_reference(shop: Shop) -> None:
    """POST receipts: the same reference is booked once; with another amount it is refused."""
    order = shop.buy(shop.standing)
    receipt = {"amount": "45.00", "currency": "EUR", "reference": "Line 4"}
    path = f"/orders/{order['id']}/receipts"

    first = shop.ask("POST", path, receipt, expect=200)
    before = books()
    second = shop.ask("POST", path, receipt, expect=200)
    code = shop.refused("POST", path, {**receipt, "amount": "1.00"})

    assert (first["outcome"], second["outcome"], code) == ("confirmed", "known", "payment_known")
    assert {**second, "outcome": ""} == {**first, "outcome": ""}
    assert books() == before


# Refunds


REFUNDS: list[Callable[[Order], dict[str, Any]]] = [
    lambda order: {"tickets": [order["tickets"][0]["id"]], "reason": "Ill."},
    lambda order: {"amount": "5.00"},
    lambda order: {"everything": True},
]


@pytest.mark.parametrize("wish", REFUNDS, ids=["tickets", "amount", "everything"])
def test_refund_is_given_once_for_a_key(shop: Shop, wish: Callable[[Order], dict[str, Any]]) -> None:
    """POST refunds: the same key gives the same refund, and nothing more goes back."""
    order = paid(shop)
    path = path_of(order, "refunds")

    first = shop.api.post(path, wish(order), key=KEY)
    before = books()
    second = shop.api.post(path, wish(order), key=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert books() == before
    shop.send_refunds()
    after = shop.api.post(path, wish(order), key=KEY).json()
    assert (after["id"], after["status"]) == (first.json()["id"], "succeeded")
    assert shop.read(order)["refunded_amount"] == first.json()["amount"]


def test_key_of_a_refund_is_refused_with_another_body(shop: Shop) -> None:
    """POST refunds: the key with another wish is refused and changes nothing."""
    order = paid(shop)
    shop.refund(order, amount="5.00", key=KEY)
    before = books()

    problem = shop.ask("POST", f"/orders/{order['id']}/refunds", {"amount": "6.00"}, key=KEY, expect=422)

    assert problem["code"] == "refund_key_reused"
    assert books() == before


def test_refund_without_a_key_is_one_each_time(shop: Shop) -> None:
    """POST refunds: without a key two requests are two refunds, as far as there is money."""
    order = paid(shop)
    body = {"amount": "40.00"}

    for _ in range(2):
        shop.refund(order, **body)

    assert shop.refused("POST", f"/orders/{order['id']}/refunds", body) == "refund_too_large"
    assert shop.read(order)["refunding_amount"] == "80.00"


@pytest.mark.parametrize("what", ["payments", "refunds"])
def test_key_sent_many_times_at_once_has_one_effect(shop: Shop, what: str) -> None:
    """POST payments and refunds: however many arrive together, one is made and all say the same."""
    order = shop.buy(shop.standing) if what == "payments" else paid(shop)
    body = DEMO if what == "payments" else {"amount": "5.00"}

    answers = all_at_once([partial(shop.api.post, path_of(order, what), body, key=KEY)] * 5)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    made = PaymentAttempt if what == "payments" else Refund
    assert made.objects.of(shop.id).filter(idempotency_key=KEY).count() == 1


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "é" * 3 + "\x7f"])
@pytest.mark.parametrize("what", ["payments", "refunds"])
def test_key_that_is_none_is_refused(shop: Shop, what: str, key: str) -> None:
    """Idempotency-Key: 1 to 255 printable characters."""
    order = shop.buy(shop.standing) if what == "payments" else paid(shop)
    body = DEMO if what == "payments" else {"everything": True}
    before = books()

    problem = shop.ask("POST", f"/orders/{order['id']}/{what}", body, key=key, expect=422)

    assert [error["field"] for error in problem["errors"]] == ["Idempotency-Key"]
    assert books() == before


# The dry run


@pytest.mark.parametrize("wish", REFUNDS, ids=["tickets", "amount", "everything"])
def test_dry_run_says_what_would_happen_and_writes_nothing(
    shop: Shop, wish: Callable[[Order], dict[str, Any]]
) -> None:
    """POST refunds with dry_run: the refund that would be made, and every table as it was."""
    order = paid(shop)
    path = f"/orders/{order['id']}/refunds"
    before = books()

    preview = shop.ask("POST", path, {**wish(order), "dry_run": True}, expect=200, key=KEY)

    assert books() == before
    made = shop.refund(order, key=KEY, **wish(order))
    assert (preview["dry_run"], preview["order"]) == (True, order["id"])
    assert {name: preview[name] for name in ("kind", "amount", "currency", "lines")} == {
        name: made[name] for name in ("kind", "amount", "currency", "lines")
    }
    gone = [ticket["id"] for ticket in shop.read(order)["tickets"] if ticket["status"] == "refunded"]
    assert [ticket["ticket"] for ticket in preview["tickets"]] == gone
    assert preview["ends_order"] is (shop.read(order)["status"] == "refunded")


def test_dry_run_is_refused_as_the_refund_would_be(shop: Shop) -> None:
    """POST refunds with dry_run: what cannot be given back is said so, and nothing is written."""
    order = paid(shop)
    path = f"/orders/{order['id']}/refunds"
    before = books()

    code = shop.refused("POST", path, {"amount": "90.01", "dry_run": True})

    assert code == shop.refused("POST", path, {"amount": "90.01"}) == "refund_too_large"
    assert books() == before
