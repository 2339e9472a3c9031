"""The demo: loaded once, described with its keys, and as consistent as any other data."""

from __future__ import annotations

import json
import logging
import threading
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.coupons.models import Coupon
from kassa.demo.describe import describe_demo
from kassa.demo.load import load_demo_data
from kassa.demo.tenants import SLUGS
from kassa.identity.domain.api_keys import authenticate_api_key, revoke_api_key
from kassa.identity.enums import Role
from kassa.identity.models import ApiKey, SecurityEvent
from kassa.identity.permissions import ROLE_PERMISSIONS
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order
from kassa.organizations.models import Organization
from kassa.sales.domain.outcome import Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import RequestedLine
from tests.demo.conftest import ADDRESS
from tests.support.factories import order_request

HALL, BUS = SLUGS[:2]


def counts() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def described(demo: dict[str, Any], slug: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in demo["organizations"] if one["slug"] == slug)
    return found


def test_load_happens_once(demo: dict[str, Any], loaded: datetime) -> None:
    before = counts()

    again = load_demo_data(now=loaded + timedelta(days=3))

    assert again is False
    assert describe_demo(base_url=ADDRESS) == demo
    assert counts() == before


@pytest.mark.django_db(transaction=True)
def test_load_twice_at_once_loads_once(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    answers: list[bool] = []

    def start() -> None:
        try:
            answers.append(load_demo_data(now=utc_now()))
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, True]
    assert Organization.objects.filter(slug__in=SLUGS).count() == len(SLUGS)
    kept = {one["secret"] for one in json.loads((data_dir / "demo_keys.json").read_text()).values()}
    assert {one["api_key"] for one in describe_demo(base_url=ADDRESS)["organizations"]} == kept
    assert ApiKey.unscoped.count() == len(kept) == len(SLUGS)
    assert SecurityEvent.unscoped.filter(kind="api_key.created").count() >= len(SLUGS)
    # What a first start says is not buried below lines about keys that nobody made.
    assert [record for record in caplog.records if record.name == "kassa.security"] == []
    logging.getLogger("kassa.security").info("Others are heard again.")
    assert caplog.records[-1].message == "Others are heard again."


def test_describe_has_exactly_this_shape(demo: dict[str, Any]) -> None:
    assert demo.keys() == {"base_url", "mailbox_url", "organizations"}
    assert demo["base_url"] == ADDRESS
    assert [one["slug"] for one in demo["organizations"]] == list(SLUGS)
    for one in demo["organizations"]:
        assert one.keys() == {"id", "slug", "name", "api_key", "events", "products", "coupons"}
        for event in one["events"]:
            assert event.keys() == {"id", "title", "kind", "ticket_types"}
            assert event["ticket_types"]
            assert {frozenset(each) for each in event["ticket_types"]} == {frozenset({"id", "name", "price"})}
        assert {frozenset(each) for each in one["products"]} == {frozenset({"id", "sku", "name"})}
        assert {frozenset(each) for each in one["coupons"]} == {frozenset({"code"})}
    assert json.loads(json.dumps(demo)) == demo


def test_describe_asks_no_query_per_row(demo: dict[str, Any]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as before:
        describe_demo(base_url=ADDRESS)
    hall = Organization.objects.get(slug=HALL).id
    Event.objects.of(hall).update(deleted_at=utc_now())
    Coupon.objects.of(hall).exclude(code="FRIENDS").update(deleted_at=utc_now())
    one = Event.objects.of(hall).order_by("id").values_list("id", flat=True)[0]
    Event.objects.of(hall).filter(id=one).update(deleted_at=None)

    with CaptureQueriesContext(connection) as after:
        shorter = describe_demo(base_url=ADDRESS)

    assert len(described(shorter, HALL)["events"]) == 1
    assert len(after) == len(before)


def test_first_ticket_type_can_be_ordered_by_anyone(demo: dict[str, Any]) -> None:
    first = demo["organizations"][0]
    shown = first["events"][0]["ticket_types"][0]
    actor = authenticate_api_key(first["api_key"], now=utc_now())
    line = RequestedLine(item_id=UUID(shown["id"]), is_product=False, quantity=2)

    outcome = place_orders(actor.organization_id, [order_request(actor, line)], now=utc_now())[0]

    assert isinstance(outcome, Placed)
    order = Order.objects.of(actor.organization_id).get(id=outcome.order_id)
    assert (order.status, order.subtotal) == (OrderStatus.DRAFT, 2 * Decimal(shown["price"]))


def test_key_has_all_rights_of_an_owner(demo: dict[str, Any]) -> None:
    for one in demo["organizations"]:
        actor = authenticate_api_key(one["api_key"], now=utc_now())
        assert str(actor.organization_id) == one["id"]
        assert actor.permissions == ROLE_PERMISSIONS[Role.OWNER]


def test_lost_or_spoiled_key_file_is_made_good(demo: dict[str, Any], data_dir: Path) -> None:
    path = data_dir / "demo_keys.json"
    for spoiled in (None, "", "[1]", '{"a": {"id": 3}}'):
        path.unlink(missing_ok=True)
        if spoiled is not None:
            path.write_text(spoiled)

        keys = [one["api_key"] for one in describe_demo(base_url=ADDRESS)["organizations"]]

        assert path.stat().st_mode & 0o777 == 0o600
        assert [one["api_key"] for one in describe_demo(base_url=ADDRESS)["organizations"]] == keys
        for key in keys:
            authenticate_api_key(key, now=utc_now())


def test_revoked_key_alone_is_replaced(demo: dict[str, Any], data_dir: Path) -> None:
    before = [one["api_key"] for one in describe_demo(base_url=ADDRESS)["organizations"]]
    hall = authenticate_api_key(before[0], now=utc_now())
    assert hall.id is not None
    revoke_api_key(CommandContext.system(hall.organization_id, now=utc_now()), hall.id)

    after = [one["api_key"] for one in describe_demo(base_url=ADDRESS)["organizations"]]

    assert after[1:] == before[1:]
    assert after[0] != before[0]
    assert authenticate_api_key(after[0], now=utc_now()).organization_id == hall.organization_id


def test_key_that_lacks_a_right_is_replaced(demo: dict[str, Any]) -> None:
    before = described(demo, BUS)["api_key"]
    ApiKey.unscoped.update(role=None, scopes=["offer:read"])

    after = described(describe_demo(base_url=ADDRESS), BUS)["api_key"]

    assert after != before
    assert authenticate_api_key(after, now=utc_now()).permissions == ROLE_PERMISSIONS[Role.OWNER]
