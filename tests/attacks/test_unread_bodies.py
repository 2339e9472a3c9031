"""A dry run asked for where no body is read must never send a refund."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.shop import open_shop
from tests.api.till import Till, open_till

pytestmark = pytest.mark.django_db(transaction=True)

DRY_RUN = {"dry_run": True}


@pytest.fixture
def till() -> Till:
    return open_till(open_shop())


def refused_by_the_bank(till: Till) -> tuple[dict[str, Any], str]:
    """Return an order and its refund, which the bank has refused once."""
    order = till.order()
    till.act(till.open(order), "pay", refunds="refused_first")
    refund = till.post(order, "/refunds", {"everything": True}).body
    till.work()
    return order, refund["id"]


def test_dry_run_of_trying_a_refund_again_sends_nothing(till: Till) -> None:
    order, refund = refused_by_the_bank(till)

    answer = till.post(order, f"/refunds/{refund}/retry", DRY_RUN)
    till.work()

    assert (answer.status, answer.code, answer.fields) == (422, "invalid_input", ["body"])
    assert till.read(order, f"/refunds/{refund}")["status"] == "pending"
    assert till.read(order)["refunded_amount"] == "0.00"


def test_control_without_the_guard_the_refund_is_sent(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    order, refund = refused_by_the_bank(till)
    monkeypatch.setattr("kassa.api.unread_bodies.has_content", lambda _: False)

    answer = till.post(order, f"/refunds/{refund}/retry", DRY_RUN)
    till.work()

    assert answer.status == 200
    assert till.read(order)["refunded_amount"] == "40.00"
