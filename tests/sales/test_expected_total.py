"""An order that says what the buyer has agreed to pay is placed at that total, or not at all."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import Event, TicketType
from kassa.orders.models import Order
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.errors import OrderKeyReused, TotalChanged
from kassa.sales.models import Cart
from tests.sales.carts import a_cart, convert
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import line, make_actor, make_ticket_type, order_request, places

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


@pytest.fixture
def standing(event: Event) -> TicketType:
    return make_ticket_type(event, price=Decimal("45.00"))


@pytest.fixture
def api(organization: Organization) -> ApiClient:
    return make_api_client(organization)


def ask(api: ApiClient, standing: TicketType, expected: Any, *, key: str | None = None) -> Any:
    line = {"ticket_type": str(standing.id), "quantity": 2}
    return api.order(line, expected_total=expected, key=key)


@pytest.mark.parametrize("expected", ["90.00", "90", 90, "90.000", None])
def test_order_at_the_expected_total_is_placed(api: ApiClient, standing: TicketType, expected: Any) -> None:
    answer = ask(api, standing, expected)
    assert (answer.status_code, answer.json()["total"]) == (201, "90.00")


def test_other_total_is_refused_with_its_trace(api: ApiClient, standing: TicketType) -> None:
    OrganizationSettings.unscoped.update(service_fee_fixed=Decimal("1.50"))

    answer = ask(api, standing, "90.00", key="k1")

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "total_changed")
    told = {name: problem[name] for name in ("expected_total", "total", "currency")}
    assert told == {"expected_total": "90.00", "total": "91.50", "currency": "EUR"}
    steps = [(step["step"], step["amount"]) for step in problem["price_trace"]]
    assert steps == [("base", "90.00"), ("fee", "1.50")]
    assert not Order.unscoped.exists()
    assert places(standing.quota_id) == (0, 0)
    agreed = ask(api, standing, problem["total"], key="k1")
    assert (agreed.status_code, agreed.json()["price_trace"]) == (201, problem["price_trace"])


@pytest.mark.parametrize("expected", ["-1", "x", "NaN", "1e400", "90.0001", True, [], {}])
def test_total_that_is_no_amount_is_refused(api: ApiClient, standing: TicketType, expected: Any) -> None:
    answer = ask(api, standing, expected)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["expected_total"]


def test_repetition_answers_the_order_at_the_total_it_had(api: ApiClient, standing: TicketType) -> None:
    first = ask(api, standing, "90.00", key="k1")
    TicketType.unscoped.update(price=Decimal("50.00"))

    again = ask(api, standing, "90.00", key="k1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["id"] == first.json()["id"]
    assert ask(api, standing, "100.00", key="k1").json()["code"] == OrderKeyReused.code


def test_one_with_another_total_harms_no_neighbour(
    organization: Organization, standing: TicketType, now: datetime
) -> None:
    actor = make_actor(organization)
    totals = (Decimal("45.00"), Decimal("44.99"), None)
    requests = [order_request(actor, line(standing), expected_total=total) for total in totals]

    outcomes = place_orders(organization.id, requests, now=now)

    assert [type(outcome) for outcome in outcomes] == [Placed, TotalChanged, Placed]
    assert places(standing.quota_id) == (2, 0)


def test_total_is_compared_without_a_statement(
    organization: Organization, standing: TicketType, now: datetime
) -> None:
    actor = make_actor(organization)
    counts = []
    for total in (None, Decimal("45.00")):
        request = order_request(actor, line(standing), expected_total=total)
        with CaptureQueriesContext(connection) as statements:
            [outcome] = place_orders(organization.id, [request], now=now)
        assert isinstance(outcome, Placed)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_cart_with_another_total_stays_as_it_was(
    organization: Organization, standing: TicketType, now: datetime
) -> None:
    cart_id = a_cart(organization, line(standing, 2), now=now)
    actor = make_actor(organization)
    TicketType.unscoped.update(price=Decimal("46.00"))

    outcome = convert(actor, cart_id, now=now, expected_total=Decimal("90.00"))

    assert isinstance(outcome, TotalChanged)
    assert outcome.details["total"] == "92.00"
    assert (Cart.unscoped.get().status, Order.unscoped.count()) == ("active", 0)
    assert places(standing.quota_id) == (2, 0)
    agreed = convert(actor, cart_id, now=now, expected_total=Decimal("92.00"))
    assert isinstance(agreed, Placed)
    assert orjson.loads(agreed.document)["total"] == "92.00"


def test_cart_is_ordered_over_http_at_its_total(
    organization: Organization, api: ApiClient, standing: TicketType, now: datetime
) -> None:
    cart_id = a_cart(organization, line(standing, 2), now=now)
    body = {"customer": {"email": "ada@example.com"}, "expected_total": "89.99"}
    refused = api.post(f"/api/v1/carts/{cart_id}/order", body)
    assert (refused.status_code, refused.json()["total"]) == (409, "90.00")
    placed = api.post(f"/api/v1/carts/{cart_id}/order", {**body, "expected_total": "90.00"})
    assert (placed.status_code, placed.json()["total"]) == (201, "90.00")
