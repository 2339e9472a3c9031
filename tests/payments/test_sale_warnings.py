"""What staff are warned of before buyers come: something costs, and nobody can pay it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.payments.domain.accounts import configure_provider
from kassa.payments.domain.sale_warnings import NO_WAY_TO_PAY, list_sale_warnings
from tests.payments.cashier import enable_memory
from tests.support.factories import (
    enable_provider,
    make_event,
    make_organization,
    make_product,
    make_ticket_type,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank")]


def codes(event: Event) -> list[str]:
    return [warning.code for warning in list_sale_warnings(event.organization_id, event.id)]


def priced(event: Event) -> None:
    make_ticket_type(event, price=Decimal("0.01"))


def free(event: Event) -> None:
    make_ticket_type(event, price=Decimal(0), is_free=True)


def free_with_goods(event: Event) -> None:
    free(event)
    make_product(event.organization, event=event)


def free_with_inactive_goods(event: Event) -> None:
    free(event)
    make_product(event.organization, event=event, status="inactive")


def free_with_goods_elsewhere(event: Event) -> None:
    free(event)
    make_product(event.organization, event=make_event(event.organization))


def free_with_deleted(event: Event) -> None:
    free(event)
    make_ticket_type(event, deleted_at=utc_now())
    make_product(event.organization, event=event, deleted_at=utc_now())


@pytest.mark.parametrize(
    ("sell", "expected"),
    [
        (priced, [NO_WAY_TO_PAY]),
        (free_with_goods, [NO_WAY_TO_PAY]),
        (free, []),
        (free_with_inactive_goods, []),
        (free_with_goods_elsewhere, []),
        (free_with_deleted, []),
    ],
)
def test_only_what_costs_something_needs_a_way_to_pay(
    sell: Callable[[Event], None], expected: list[str]
) -> None:
    event = make_event(make_organization())
    sell(event)

    assert codes(event) == expected


def test_sentence_says_what_to_do() -> None:
    event = make_event(make_organization())
    priced(event)

    [warning] = list_sale_warnings(event.organization_id, event.id)

    assert warning.detail == (
        "There is no way to pay, so nobody can finish an order that costs something. Set up a payment "
        "provider."
    )


@pytest.mark.parametrize(
    "enable", [partial(enable_provider, name="manual"), partial(enable_memory, name="memory")]
)
def test_any_provider_is_a_way_to_pay(enable: Callable[..., None]) -> None:
    event = make_event(make_organization())
    priced(event)

    enable(event.organization)

    assert codes(event) == []


def test_free_orders_and_what_is_switched_off_are_none() -> None:
    event = make_event(make_organization())
    priced(event)
    enable_provider(event.organization, "free")
    configure_provider(
        CommandContext.system(event.organization_id, now=utc_now()),
        "manual",
        configuration={"account_holder": "Harbour Hall", "iban": "DE89370400440532013000"},
        secrets={},
        is_enabled=False,
    )

    assert codes(event) == [NO_WAY_TO_PAY]


def test_providers_of_others_are_none() -> None:
    event = make_event(make_organization())
    priced(event)
    enable_provider(make_organization(), "manual")

    assert codes(event) == [NO_WAY_TO_PAY]


def test_it_takes_three_queries() -> None:
    event = make_event(make_organization())
    free_with_goods(event)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        codes(event)

    assert len(queries) == 3
