"""Giving money back over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.shop import NOBODYS, open_shop
from tests.api.till import Till, open_till
from tests.support.books import assert_books_balance

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till() -> Till:
    return open_till(open_shop())


def test_one_ticket_is_given_back_then_the_rest(till: Till) -> None:
    order = till.paid()
    ticket = order["tickets"][0]["id"]
    first = till.post(order, "/refunds", {"tickets": [ticket], "reason": "Ada cannot come."})
    assert (first.status, first.body["status"], first.body["amount"]) == (201, "pending", "20.00")
    assert [(line["what"], line["ticket"], line["amount"]) for line in first.body["lines"]] == [
        ("ticket", ticket, "20.00")
    ]
    assert first.headers["Location"] == f"/api/v1/orders/{order['id']}/refunds/{first.body['id']}"
    waiting = till.read(order)
    assert (waiting["refunded_amount"], waiting["refunding_amount"]) == ("0.00", "20.00")
    assert [one["status"] for one in waiting["tickets"]].count("refunded") == 1

    till.work()

    back = till.read(order)
    assert (back["status"], back["payment_status"]) == ("partially_refunded", "partially_refunded")
    assert (back["refunded_amount"], back["refunding_amount"]) == ("20.00", "0.00")
    rest = till.post(order, "/refunds", {"everything": True})
    assert (rest.status, rest.body["amount"], rest.body["kind"]) == (201, "20.00", "everything")
    till.work()
    ended = till.read(order)
    assert (ended["status"], ended["payment_status"]) == ("refunded", "refunded")
    assert [one["status"] for one in till.read(order, "/refunds")] == ["succeeded", "succeeded"]
    assert_books_balance(till.shop.organization_id)


def test_a_dry_run_says_what_would_be_and_does_nothing(till: Till) -> None:
    order = till.paid()
    before = (till.read(order), till.read(order, "/payments"))
    ticket = order["tickets"][0]["id"]
    shown = till.post(order, "/refunds", {"tickets": [ticket], "dry_run": True}, key="k1")
    assert shown.status == 200
    assert (shown.body["dry_run"], shown.body["kind"], shown.body["ends_order"]) == (True, "tickets", False)
    assert (shown.body["amount"], shown.body["currency"]) == ("20.00", "EUR")
    assert shown.body["tickets"] == [{"ticket": ticket, "amount": "20.00"}]
    assert (till.read(order), till.read(order, "/payments")) == before
    everything = till.post(order, "/refunds", {"everything": True, "dry_run": True}).body
    assert (everything["amount"], everything["ends_order"]) == ("40.00", True)
    real = till.post(order, "/refunds", {"tickets": [ticket]}, key="k1")
    assert (real.status, real.body["amount"]) == (201, shown.body["amount"])


POSTER = {"sku": "POSTER", "name": "Poster", "price": "10.00", "stock": 5, "is_shippable": False}


def sell_posters(till: Till, quantity: int = 3) -> dict[str, Any]:
    """Return a paid order of one ticket and some posters at 10.00."""
    poster = till.shop.post("/products", POSTER)
    ticket = {"ticket_type": till.event["ticket_types"][0]["id"], "quantity": 1}
    return till.paid(lines=[ticket, {"product": poster.body["id"], "quantity": quantity}])


def posters_of(order: dict[str, Any]) -> dict[str, Any]:
    [item] = [item for item in order["items"] if item["kind"] == "merchandise"]
    return dict(item)


def test_pieces_are_given_back_by_item_and_quantity(till: Till) -> None:
    order = sell_posters(till)
    item = posters_of(order)
    assert (item["refunded_quantity"], item["restocked_quantity"]) == (0, 0)
    wanted = {"goods": [{"item": item["id"], "quantity": 2}], "reason": "Torn."}

    shown = till.post(order, "/refunds", {**wanted, "dry_run": True})
    made = till.post(order, "/refunds", wanted, key="k1")
    again = till.post(order, "/refunds", wanted, key="k1")

    assert shown.status == 200
    assert (shown.body["kind"], shown.body["amount"], shown.body["ends_order"]) == ("goods", "20.00", False)
    assert shown.body["goods"] == [{"item": item["id"], "quantity": 2, "restocked": True, "amount": "20.00"}]
    assert (made.status, made.body["kind"], made.body["amount"]) == (201, "goods", "20.00")
    assert made.body["lines"] == shown.body["lines"]
    [line] = made.body["lines"]
    assert (line["what"], line["label"], line["restocked"]) == (
        "goods",
        "2 \N{MULTIPLICATION SIGN} Poster",
        True,
    )
    assert again.body == made.body
    back = posters_of(till.read(order))
    assert (back["refunded_quantity"], back["restocked_quantity"]) == (2, 2)
    product = till.shop.get(f"/products/{item['product']}").body
    assert product["available"] == 4
    till.work()
    assert till.read(order)["refunded_amount"] == "20.00"
    assert_books_balance(till.shop.organization_id)


def test_broken_pieces_are_not_put_into_stock(till: Till) -> None:
    order = sell_posters(till)
    item = posters_of(order)

    made = till.post(
        order,
        "/refunds",
        {
            "tickets": [order["tickets"][0]["id"]],
            "goods": [
                {"item": item["id"], "quantity": 1, "restock": True},
                {"item": item["id"], "quantity": 1, "restock": False},
            ],
        },
    )

    assert (made.status, made.body["kind"], made.body["amount"]) == (201, "tickets", "40.00")
    back = posters_of(till.read(order))
    assert (back["refunded_quantity"], back["restocked_quantity"]) == (2, 1)
    assert_books_balance(till.shop.organization_id)


def test_a_repeated_key_gives_back_once(till: Till) -> None:
    order = till.paid()
    first = till.post(order, "/refunds", {"amount": "12.50", "reason": "Rain"}, key="k1")
    second = till.post(order, "/refunds", {"amount": "12.50", "reason": "Rain"}, key="k1")
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    other = till.post(order, "/refunds", {"amount": "12.51", "reason": "Rain"}, key="k1")
    assert (other.status, other.code) == (422, "refund_key_reused")
    assert till.read(order)["refunding_amount"] == "12.50"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["tickets"]),
        ({"everything": False}, ["tickets"]),
        ({"tickets": [str(NOBODYS)], "everything": True}, ["everything"]),
        ({"tickets": [str(NOBODYS)], "amount": "1"}, ["amount"]),
        ({"tickets": []}, ["tickets"]),
        ({"amount": "0"}, ["amount"]),
        ({"amount": "-1"}, ["amount"]),
        ({"amount": "1.001"}, ["amount"]),
        ({"amount": "1e30"}, ["amount"]),
        ({"amount": "1", "fees": False}, ["fees"]),
        ({"everything": True, "shipping": False}, ["shipping"]),
        ({"everything": True, "reason": "x" * 1001}, ["reason"]),
        ({"goods": []}, ["goods"]),
        ({"goods": [{"item": str(NOBODYS)}]}, ["goods.0.quantity"]),
        ({"goods": [{"item": str(NOBODYS), "quantity": 0}]}, ["goods.0.quantity"]),
        ({"goods": [{"item": str(NOBODYS), "quantity": -1}]}, ["goods.0.quantity"]),
        ({"goods": [{"item": str(NOBODYS), "quantity": True}]}, ["goods.0.quantity"]),
        ({"goods": [{"item": str(NOBODYS), "quantity": 1}], "amount": "1"}, ["amount"]),
        ({"goods": [{"item": str(NOBODYS), "quantity": 1}], "restock": True}, ["restock"]),
        ({"amount": "1", "restock": True}, ["restock"]),
        ({"everything": True, "why": "x"}, ["why"]),
    ],
)
def test_what_is_no_refund(till: Till, body: dict[str, Any], fields: list[str]) -> None:
    order = till.paid()
    refused = till.post(order, "/refunds", body)
    assert (refused.status, refused.code, refused.fields) == (422, "invalid_input", fields)
    assert till.read(order, "/refunds") == []


def test_more_than_is_left_is_not_given_back(till: Till) -> None:
    order = till.paid()
    refused = till.post(order, "/refunds", {"amount": "40.01"})
    assert (refused.status, refused.code, refused.body["refundable"]) == (409, "refund_too_large", "40.00")
    ticket = order["tickets"][0]["id"]
    assert till.post(order, "/refunds", {"tickets": [ticket]}).status == 201
    twice = till.post(order, "/refunds", {"tickets": [ticket]})
    assert (twice.status, twice.code) == (409, "ticket_not_refundable")
    nobodys = till.post(order, "/refunds", {"tickets": [str(NOBODYS)]})
    assert (nobodys.status, nobodys.code) == (404, "not_found")
    assert till.post({"id": NOBODYS}, "/refunds", {"amount": "1"}).status == 404
    assert till.post({"id": NOBODYS}, "/refunds", {"everything": True}).status == 404
    unpaid = till.post(till.order(), "/refunds", {"everything": True})
    assert (unpaid.status, unpaid.code) == (409, "nothing_to_refund")


def test_more_pieces_than_are_left_are_not_given_back(till: Till) -> None:
    order = sell_posters(till)
    item = posters_of(order)

    def ask(item_id: str, *quantities: int) -> Any:
        goods = [{"item": item_id, "quantity": quantity} for quantity in quantities]
        return till.post(order, "/refunds", {"goods": goods})

    refused = ask(item["id"], 4)
    assert (refused.status, refused.code, refused.body["left"]) == (409, "goods_not_refundable", 3)
    assert refused.body["field"] == "goods.0.quantity"
    assert refused.body["detail"] == "4 of Poster cannot be given back: 3 of Poster are left."
    assert ask(item["id"], 2, 2).body["field"] == "goods.1.quantity"
    assert ask(str(NOBODYS), 1).status == 404
    of_tickets = next(item["id"] for item in order["items"] if item["kind"] == "ticket")
    assert ask(of_tickets, 1).status == 404
    assert till.read(order, "/refunds") == []
    assert ask(item["id"], 3).status == 201
    assert ask(item["id"], 1).code == "goods_not_refundable"


def test_a_refused_refund_is_tried_again_at_once(till: Till) -> None:
    order = till.order()
    till.act(till.open(order), "pay", refunds="refused_first")
    made = till.post(order, "/refunds", {"everything": True}).body
    till.work()
    refused = till.read(order, f"/refunds/{made['id']}")
    assert (refused["status"], refused["parts"][0]["by_hand"]) == ("pending", False)
    assert refused["parts"][0]["error"]
    till.work()
    assert till.read(order, f"/refunds/{made['id']}")["status"] == "pending"

    again = till.post(order, f"/refunds/{made['id']}/retry")
    assert (again.status, again.body["id"]) == (200, made["id"])
    till.work()

    assert till.read(order, f"/refunds/{made['id']}")["status"] == "succeeded"
    assert till.read(order)["refunded_amount"] == "40.00"
    assert till.post(order, f"/refunds/{made['id']}/retry").body["status"] == "succeeded"
    assert_books_balance(till.shop.organization_id)


def test_a_transfer_goes_back_by_hand(till: Till) -> None:
    order = till.order()
    till.post(order, "/receipts", {"amount": "40", "currency": "EUR", "reference": "line 1"})
    made = till.post(order, "/refunds", {"everything": True}).body
    assert made["parts"][0]["by_hand"] is True
    till.post(order, f"/refunds/{made['id']}/retry")
    till.work()
    assert till.read(order, f"/refunds/{made['id']}")["parts"][0]["by_hand"] is True

    for _ in range(2):
        done = till.post(order, f"/refunds/{made['id']}/paid", {"reference": "line 9"})
        assert (done.status, done.body["status"]) == (200, "succeeded")

    assert till.read(order)["payment_status"] == "refunded"
    assert till.post(order, f"/refunds/{NOBODYS}/paid").status == 404
    assert_books_balance(till.shop.organization_id)


def test_cancelling_a_paid_order_promises_its_money_back(till: Till) -> None:
    order = till.paid()
    cancelled = till.post(order, "/cancel", {"reason": "She is ill."})
    assert (cancelled.body["status"], cancelled.body["refunding_amount"]) == ("cancelled", "40.00")
    till.work()
    [made] = till.read(order, "/refunds")
    assert (made["kind"], made["status"], made["amount"]) == ("cancellation", "succeeded", "40.00")
    assert till.post(order, "/cancel").status == 200
    assert len(till.read(order, "/refunds")) == 1
    assert_books_balance(till.shop.organization_id)


def test_an_event_is_refunded_as_a_whole(till: Till) -> None:
    orders = [till.paid(quantity) for quantity in (1, 2)]
    waiting = till.order()
    address = f"/events/{till.event['id']}/refunds"
    early = till.shop.post(address, {"reason": "Storm"})
    assert (early.status, early.code) == (409, "event_not_cancelled")
    till.shop.post(f"/events/{till.event['id']}/cancel")
    started = till.shop.post(address, {"reason": "Storm"})
    assert (started.status, started.body["status"], started.body["orders_total"]) == (202, "running", 3)
    assert till.shop.post(address).body["id"] == started.body["id"]

    till.refund_event(started.body["id"])

    [run] = till.shop.get(address).body["items"]
    assert (run["status"], run["orders_done"], run["orders_failed"]) == ("done", 3, 0)
    assert [till.read(order)["status"] for order in orders] == ["refunded", "refunded"]
    assert till.read(waiting)["status"] == "cancelled"
    assert till.shop.get(f"/events/{NOBODYS}/refunds").status == 404
    assert_books_balance(till.shop.organization_id)
