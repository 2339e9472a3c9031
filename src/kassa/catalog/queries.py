"""Reads of the offer. What an organisation's staff may see comes from here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, Q, QuerySet

from kassa.catalog.domain.answers import AskedQuestion
from kassa.catalog.enums import EventKind, EventStatus, ProductStatus, Visibility
from kassa.catalog.models import (
    Event,
    Product,
    Question,
    QuestionTicketType,
    TaxRule,
    TicketType,
    TicketTypeQuota,
)
from kassa.core.errors import NotFound
from kassa.inventory.models import Quota
from kassa.inventory.queries import available_of, quotas_by_id

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class TicketTypeView:
    """A ticket type with the quotas it draws on, as they were when it was read."""

    ticket_type: TicketType
    currency: str
    own: Quota | None
    shared: tuple[Quota, ...]
    event_capacity: Quota | None

    @property
    def quotas(self) -> tuple[Quota, ...]:
        """All the quotas it draws on."""
        return tuple(quota for quota in (self.own, *self.shared, self.event_capacity) if quota)

    @property
    def quantity(self) -> int | None:
        """How many there are of it. None: no limit of its own."""
        return self.own.capacity if self.own else None

    @property
    def sold(self) -> int | None:
        """How many are sold. None: it has no quota of its own that counts them."""
        return self.own.sold if self.own else None

    @property
    def available(self) -> int | None:
        """How many can be sold now, of all its quotas the least. None: no limit."""
        return min((available_of(quota) for quota in self.quotas), default=None)


@dataclass(frozen=True, slots=True)
class EventView:
    """An event with its ticket types and its capacity."""

    event: Event
    ticket_types: tuple[TicketTypeView, ...]
    capacity_quota: Quota | None

    @property
    def capacity(self) -> int | None:
        """How many can take part. None: no limit beside those of its ticket types."""
        return self.capacity_quota.capacity if self.capacity_quota else None

    @property
    def available(self) -> int | None:
        """How many places are left in all. None: no limit."""
        return available_of(self.capacity_quota) if self.capacity_quota else None

    @property
    def sold(self) -> int | None:
        """How many tickets are sold in all. None: it has no quota of its own that counts them."""
        return self.capacity_quota.sold if self.capacity_quota else None


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product with its stock."""

    product: Product
    quota: Quota | None

    @property
    def stock(self) -> int | None:
        """How many there were to begin with, sold ones included. None: it never runs out."""
        return self.quota.capacity if self.quota else None

    @property
    def available(self) -> int | None:
        return available_of(self.quota) if self.quota else None


def events_of(organization_id: UUID) -> QuerySet[Event]:
    """Return an organisation's events, deleted ones left out."""
    return Event.objects.of(organization_id).filter(deleted_at=None)


def filter_by_price(
    organization_id: UUID, *, lowest: Decimal | None, highest: Decimal | None
) -> QuerySet[Event]:
    """Return the events with a ticket type at such a price, those that are hidden left out; without: all."""
    prices = {
        name: price for name, price in (("price__gte", lowest), ("price__lte", highest)) if price is not None
    }
    events = events_of(organization_id)
    if not prices:
        return events
    types = TicketType.objects.of(organization_id).filter(deleted_at=None, is_hidden=False, **prices)
    return events.filter(id__in=types.values("event_id"))


def event_of(organization_id: UUID, event_id: UUID) -> Event:
    """Return one event.

    Raises:
        NotFound: the organisation has no such event.
    """
    return _one(events_of(organization_id), event_id)


def visible_events_of(organization_id: UUID) -> QuerySet[Event]:
    """Return the events whose page everybody may see who has its address."""
    return events_of(organization_id).exclude(status=EventStatus.DRAFT).exclude(visibility=Visibility.PRIVATE)


def listed_events_of(organization_id: UUID) -> QuerySet[Event]:
    """Return the events that a shop names by itself: those that are on, and those that were called off."""
    return events_of(organization_id).filter(
        status__in=(EventStatus.PUBLISHED, EventStatus.CANCELLED), visibility=Visibility.PUBLIC
    )


def coming(*, now: datetime) -> Q:
    """Return the condition of events that are not over, among them those without a date."""
    is_trip = Q(kind=EventKind.TRIP)
    return Q(starts_at=None) | Q(starts_at__gt=now) | (~is_trip & Q(ends_at__gt=now))


def listed_products_of(organization_id: UUID) -> QuerySet[Product]:
    """Return the products that a shop sells on their own."""
    return products_of(organization_id).filter(status=ProductStatus.ACTIVE, event=None)


def locked_event(organization_id: UUID, event_id: UUID) -> Event:
    """Return one event and lock its row for a change; sales, which only refer to it, go on.

    Raises:
        NotFound: the organisation has no such event.
    """
    return _one(events_of(organization_id).select_for_update(no_key=True), event_id)


def ticket_types_of(organization_id: UUID, event_ids: Iterable[UUID]) -> QuerySet[TicketType]:
    """Return the ticket types of events in the order in which they are offered."""
    return (
        TicketType.objects.of(organization_id)
        .filter(event_id__in=list(event_ids), deleted_at=None)
        .order_by("event_id", "sort_order", "id")
    )


def ticket_type_of(organization_id: UUID, ticket_type_id: UUID) -> TicketType:
    """Return one ticket type.

    Raises:
        NotFound: the organisation has no such ticket type, or its event is gone.
    """
    found = _one(TicketType.objects.of(organization_id).filter(deleted_at=None), ticket_type_id)
    event_of(organization_id, found.event_id)
    return found


def questions_of(organization_id: UUID, event_ids: Iterable[UUID]) -> QuerySet[Question]:
    """Return the questions of events in the order in which they are asked; ``type_ids`` says of whom."""
    links = QuestionTicketType.objects.of(organization_id).filter(question_id=OuterRef("id"))
    return (
        Question.objects.of(organization_id)
        .filter(event_id__in=list(event_ids), deleted_at=None)
        .annotate(type_ids=ArraySubquery(links.order_by("id").values("ticket_type_id")))
        .order_by("event_id", "sort_order", "id")
    )


def question_of(organization_id: UUID, question_id: UUID) -> Question:
    """Return one question with its ``type_ids``.

    Raises:
        NotFound: the organisation has no such question, or its event is gone.
    """
    event_id = _one(Question.objects.of(organization_id).filter(deleted_at=None), question_id).event_id
    event_of(organization_id, event_id)
    return _one(questions_of(organization_id, [event_id]), question_id)


def questions_of_events(
    organization_id: UUID, event_ids: Iterable[UUID]
) -> dict[UUID, tuple[AskedQuestion, ...]]:
    """Return by event what its buyers are asked, in order, in one query; without questions it is left out."""
    found: defaultdict[UUID, list[AskedQuestion]] = defaultdict(list)
    for row in questions_of(organization_id, event_ids):
        found[row.event_id].append(asked(row))
    return {event_id: tuple(questions) for event_id, questions in found.items()}


def asked(row: Any) -> AskedQuestion:
    """Return a row of the table, with its ``type_ids``, as the question that is asked."""
    return AskedQuestion(
        id=row.id,
        event_id=row.event_id,
        key=row.key,
        label=row.label,
        help_text=row.help_text,
        kind=row.kind,
        options=tuple(row.options),
        max_length=row.max_length,
        is_required=row.is_required,
        scope=row.scope,
        is_changeable=row.is_changeable,
        sort_order=row.sort_order,
        translations=row.translations,
        ticket_type_ids=frozenset(row.type_ids),
    )


def has_offer(organization_id: UUID, event_id: UUID) -> bool:
    """Say whether something of an event, or offered beside it, can be bought by itself."""
    types = TicketType.objects.of(organization_id).filter(event_id=event_id, deleted_at=None, is_addon=False)
    products = products_of(organization_id).filter(event_id=event_id, status=ProductStatus.ACTIVE)
    return types.exclude(quota__capacity=0).exists() or products.exists()


def costs_something(organization_id: UUID, event_id: UUID) -> bool:
    """Say whether something of an event, or offered beside it, has a price."""
    types = TicketType.objects.of(organization_id).filter(event_id=event_id, deleted_at=None, price__gt=0)
    products = products_of(organization_id).filter(
        event_id=event_id, status=ProductStatus.ACTIVE, price__gt=0
    )
    return types.exists() or products.exists()


def products_of(organization_id: UUID) -> QuerySet[Product]:
    """Return an organisation's products, deleted ones left out."""
    return Product.objects.of(organization_id).filter(deleted_at=None)


def product_of(organization_id: UUID, product_id: UUID) -> Product:
    """Return one product.

    Raises:
        NotFound: the organisation has no such product.
    """
    return _one(products_of(organization_id), product_id)


def locked_product(organization_id: UUID, product_id: UUID) -> Product:
    """Return one product and lock its row for a change; sales, which only refer to it, go on.

    Raises:
        NotFound: the organisation has no such product.
    """
    return _one(products_of(organization_id).select_for_update(no_key=True), product_id)


def tax_rules_of(organization_id: UUID) -> QuerySet[TaxRule]:
    """Return an organisation's tax rules, deleted ones left out."""
    return TaxRule.objects.of(organization_id).filter(deleted_at=None)


def tax_rule_of(organization_id: UUID, tax_rule_id: UUID) -> TaxRule:
    """Return one tax rule.

    Raises:
        NotFound: the organisation has no such tax rule.
    """
    return _one(tax_rules_of(organization_id), tax_rule_id)


def quota_ids_of_event(event: Event) -> list[UUID]:
    """Return the quotas that count places of this event and of nothing else."""
    types = list(ticket_types_of(event.organization_id, [event.id]))
    own = quota_ids_of_types(event.organization_id, types)
    return [*own, event.capacity_quota_id] if event.capacity_quota_id else own


def quota_ids_of_types(organization_id: UUID, types: Sequence[TicketType]) -> list[UUID]:
    """Return the quotas that count places of these ticket types and of nothing else."""
    links = TicketTypeQuota.objects.of(organization_id)
    ids = [one.id for one in types]
    shared = set(links.filter(ticket_type_id__in=ids).values_list("quota_id", flat=True))
    elsewhere = links.filter(quota_id__in=shared).exclude(ticket_type_id__in=ids)
    own = {one.quota_id for one in types if one.quota_id is not None}
    return sorted(own | (shared - set(elsewhere.values_list("quota_id", flat=True))))


def view_events(organization_id: UUID, events: Sequence[Event]) -> list[EventView]:
    """Return events with their ticket types and counters, in three queries however many there are."""
    if not events:
        return []
    by_event: defaultdict[UUID, list[TicketType]] = defaultdict(list)
    types = list(ticket_types_of(organization_id, [event.id for event in events]))
    for ticket_type in types:
        by_event[ticket_type.event_id].append(ticket_type)
    shared = _shared_by_type(organization_id, types)
    quotas = _counters(organization_id, events, types, shared)
    return [
        EventView(
            event=event,
            ticket_types=tuple(_view(one, event, quotas, shared) for one in by_event[event.id]),
            capacity_quota=quotas.get(event.capacity_quota_id) if event.capacity_quota_id else None,
        )
        for event in events
    ]


def view_ticket_types(organization_id: UUID, types: Sequence[TicketType]) -> list[TicketTypeView]:
    """Return ticket types with their counters, in three queries however many there are."""
    if not types:
        return []
    events = Event.objects.of(organization_id).in_bulk({one.event_id for one in types})
    shared = _shared_by_type(organization_id, types)
    quotas = _counters(organization_id, list(events.values()), types, shared)
    return [_view(one, events[one.event_id], quotas, shared) for one in types]


def view_products(organization_id: UUID, products: Sequence[Product]) -> list[ProductView]:
    """Return products with their stock, in one query however many there are."""
    quotas = quotas_by_id(organization_id, (product.quota_id for product in products))
    return [
        ProductView(product=product, quota=quotas.get(product.quota_id) if product.quota_id else None)
        for product in products
    ]


def _shared_by_type(organization_id: UUID, types: Sequence[TicketType]) -> dict[UUID, list[UUID]]:
    links = TicketTypeQuota.objects.of(organization_id).filter(ticket_type_id__in=[one.id for one in types])
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for type_id, quota_id in links.order_by("id").values_list("ticket_type_id", "quota_id"):
        found[type_id].append(quota_id)
    return found


def _counters(
    organization_id: UUID,
    events: Iterable[Event],
    types: Iterable[TicketType],
    shared: dict[UUID, list[UUID]],
) -> dict[UUID, Quota]:
    return quotas_by_id(
        organization_id,
        [
            *(event.capacity_quota_id for event in events),
            *(one.quota_id for one in types),
            *(quota_id for ids in shared.values() for quota_id in ids),
        ],
    )


def _view(
    ticket_type: TicketType, event: Event, quotas: dict[UUID, Quota], shared: dict[UUID, list[UUID]]
) -> TicketTypeView:
    return TicketTypeView(
        ticket_type=ticket_type,
        currency=event.currency,
        own=quotas.get(ticket_type.quota_id) if ticket_type.quota_id else None,
        shared=tuple(quotas[quota_id] for quota_id in shared.get(ticket_type.id, ()) if quota_id in quotas),
        event_capacity=quotas.get(event.capacity_quota_id) if event.capacity_quota_id else None,
    )


def _one(rows: QuerySet[M], row_id: UUID) -> M:
    found = rows.filter(id=row_id).first()
    if found is None:
        raise NotFound
    return found


def get_events_by_id(organization_id: UUID, event_ids: Iterable[UUID]) -> dict[UUID, Event]:
    """Return events that something was sold of, whatever has become of them since."""
    return Event.objects.of(organization_id).in_bulk(set(event_ids))


def get_ticket_types_by_id(organization_id: UUID, type_ids: Iterable[UUID]) -> dict[UUID, TicketType]:
    """Return ticket types that something was sold of, whatever has become of them since."""
    return TicketType.objects.of(organization_id).in_bulk(set(type_ids))


def find_public_event(event_id: UUID) -> Event | None:
    """Return an event of any organisation that everybody may know. None: there is none such.

    It may be asked for without its organisation: by a website that says no more than which event it shows.
    """
    events = Event.unscoped.filter(id=event_id, deleted_at=None)
    return events.exclude(status=EventStatus.DRAFT).exclude(visibility=Visibility.PRIVATE).first()
