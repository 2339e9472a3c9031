"""A dry run asked for in the query of a refund must never pay anything back."""

from __future__ import annotations

import pytest

from kassa.api.query_parameters import QueryParameters
from tests.api.shop import open_shop
from tests.api.till import Till, open_till

pytestmark = pytest.mark.django_db(transaction=True)

EVERYTHING = {"everything": True}


@pytest.fixture
def till() -> Till:
    return open_till(open_shop())


@pytest.mark.parametrize("query", ["dry_run=true", "dry_run=1", "dry_run", "DRY_RUN=true", "dry-run=true"])
def test_dry_run_in_the_query_of_a_refund_pays_nothing_back(till: Till, query: str) -> None:
    order = till.paid()

    answer = till.post(order, f"/refunds?{query}", EVERYTHING, key="k1")

    assert (answer.status, answer.code) == (422, "invalid_input")
    assert answer.fields == [query.partition("=")[0]]
    assert till.read(order, "/refunds") == []
    assert till.read(order)["refunding_amount"] == "0.00"
    rehearsed = till.post(order, "/refunds", {**EVERYTHING, "dry_run": True}, key="k1")
    assert (rehearsed.status, rehearsed.body["amount"]) == (200, "40.00")


def test_control_without_the_guard_everything_is_paid_back(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = till.paid()
    monkeypatch.setattr(QueryParameters, "check", lambda *_: None)

    answer = till.post(order, "/refunds?dry_run=true", EVERYTHING)

    assert (answer.status, answer.body["amount"]) == (201, "40.00")
    assert till.read(order)["refunding_amount"] == "40.00"
