"""What the page of an event shows of its offer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import TaxRule
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization
from kassa.storefront.shop.offer import EventOffer, event_offer
from kassa.storefront.shops import shop_of
from tests.support.factories import make_event, make_organization, make_product, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)


def offer_of(organization: Organization, event_id: object) -> EventOffer:
    clear_caches()
    return event_offer(shop_of(organization.id), event_id, language="en", now=utc_now())  # type: ignore[arg-type]


def test_types_are_told_with_what_one_pays_for_them() -> None:
    organization = make_organization()
    tax = TaxRule.unscoped.create(organization=organization, name="VAT", rate=Decimal(20), included=False)
    event = make_event(organization)
    make_ticket_type(event, name="Seat", price=Decimal(10), tax_rule=tax, quantity=7, max_per_order=4)
    make_ticket_type(event, name="Friend", is_hidden=True, quantity=3)

    offer = offer_of(organization, event.id)

    [shown] = offer.types
    assert (shown.name, shown.price, shown.price_text) == (
        "Seat",
        Decimal("12.00"),
        "€12.00",
    )
    assert (shown.state, shown.left, shown.max_per_order) == ("on_sale", 7, 4)
    assert [(one.name, one.left) for one in offer.hidden] == [("Friend", 3)]
    assert offer.state == "on_sale"


def test_the_sale_as_a_whole_stands_as_its_best_part_does() -> None:
    organization = make_organization()
    event = make_event(organization)
    soon = utc_now() + timedelta(days=1)
    make_ticket_type(event, name="Gone", is_sold_out=True)
    assert offer_of(organization, event.id).state == "sold_out"

    make_ticket_type(event, name="Later", sales_start_at=soon)
    offer = offer_of(organization, event.id)
    assert (offer.state, offer.starts_at) == ("not_started", soon)

    make_ticket_type(event, name="Now")
    offer = offer_of(organization, event.id)
    assert (offer.state, offer.starts_at) == ("on_sale", None)


@pytest.mark.parametrize("hidden", [{"status": "draft"}, {"visibility": "private"}], ids=["draft", "private"])
def test_what_is_not_public_is_not_there(hidden: dict[str, Any]) -> None:
    organization = make_organization()
    event = make_event(organization, **hidden)

    with pytest.raises(NotFound):
        offer_of(organization, event.id)


def test_an_event_of_another_shop_is_not_there() -> None:
    event = make_event(make_organization())

    with pytest.raises(NotFound):
        offer_of(make_organization(), event.id)


@pytest.mark.parametrize("how_many", [1, 3], ids=["one", "three"])
def test_it_asks_the_same_number_of_times(how_many: int) -> None:
    organization = make_organization()
    event = make_event(organization)
    for _ in range(how_many):
        make_ticket_type(event)
        make_product(organization, event=event)
    shop = shop_of(organization.id)

    with CaptureQueriesContext(connection) as asked:
        offer = event_offer(shop, event.id, language="en", now=utc_now())

    assert len(offer.types) == len(offer.products) == how_many
    assert len(asked) == 6
