"""Events, courses and trips are made and changed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.catalog.domain.event_locks import changed_by, locked_event_for
from kassa.catalog.domain.event_rules import (
    CHANGEABLE_EVENT_FIELDS,
    EVENT_FIELDS,
    check_course_date,
    check_event,
    check_new_event,
)
from kassa.catalog.domain.price_rules import check_price
from kassa.catalog.domain.published_events import publish_changed, told_columns
from kassa.catalog.domain.sold import is_event_taken
from kassa.catalog.domain.ticket_type_rows import write_ticket_types
from kassa.catalog.enums import EventKind
from kassa.catalog.errors import refusal_of
from kassa.catalog.models import Event
from kassa.catalog.queries import events_of, quota_ids_of_event, ticket_types_of
from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, StillInUse
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.inventory.domain.quotas import change_capacity, create_quota, locked_quotas
from kassa.inventory.enums import QuotaKind
from kassa.inventory.models import Quota
from kassa.organizations.queries import organization_settings


@command(Permission.OFFER_WRITE)
def create_event(
    context: CommandContext,
    *,
    fields: Mapping[str, Any],
    ticket_types: Sequence[Mapping[str, Any]] = (),
    capacity: int | None = None,
) -> Event:
    """Make a draft of an event together with its ticket types.

    A ticket type may have, beside its columns, ``quantity`` (None: no limit of its own),
    ``shared_quotas`` and ``tax_rule``. A course allows one booking per customer unless it
    says otherwise; the currency is the organisation's unless it is given.

    Raises:
        InvalidInput: the values are not valid, or name a tax rule or quota that does not exist.
        NotFound: there is no such organisation.
    """
    organization_id, now = context.organization_id, context.now
    values = _with_defaults(organization_id, fields)
    check_new_event(values, now=now)
    changed = changed_by(context)
    try:
        with transaction.atomic():
            quota = _capacity_quota(organization_id, values["title"], capacity, now)
            event = Event(
                organization_id=organization_id,
                capacity_quota_id=quota.id if quota else None,
                created_by=changed["updated_by"],
                created_by_kind=changed["updated_by_kind"],
                created_at=now,
                **changed,
                **values,
            )
            event.save(force_insert=True)
            write_ticket_types(event, ticket_types, now=now, within="ticket_types")
            event.refresh_from_db(from_queryset=events_of(organization_id))
            after = {**snapshot(event), "capacity": capacity, "ticket_types": len(ticket_types)}
            record_activity(context, "event.created", event, after=after)
    except IntegrityError as error:
        raise refusal_of(error) from error
    return event


@command(Permission.OFFER_WRITE)
def change_event(
    context: CommandContext,
    event_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected: datetime | None = None,
) -> Event:
    """Change an event; what is not named stays. ``capacity`` may be among the changes.

    The kind is for good. A course moves to a date in the future, or to none. The currency, and
    whether there is a limit at all, change only while no place is reserved or sold, and only then
    can one booking per customer begin.

    Raises:
        NotFound: the organisation has no such event.
        InvalidInput: the values are not valid together.
        CapacityBelowTaken: more places are reserved or sold than the new capacity has.
        StillInUse: places are reserved or sold, and the change needs that none is.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id, now = context.organization_id, context.now
    unknown = sorted(set(changes) - CHANGEABLE_EVENT_FIELDS - {"capacity"})
    if unknown:
        raise InvalidInput(f"'{unknown[0]}' of an event cannot be changed.", field=unknown[0])
    columns = {field: value for field, value in changes.items() if field != "capacity"}
    try:
        with transaction.atomic():
            event = locked_event_for(context, event_id)
            require_version(event, expected)
            before, told = snapshot(event), told_columns(event)
            values = {**{field: getattr(event, field) for field in EVENT_FIELDS}, **columns}
            check_event(values)
            if values["starts_at"] != event.starts_at:
                check_course_date(values, now=now)
            _check_untouched(event, changes)
            if columns.get("currency", event.currency) != event.currency:
                _check_prices(event, columns["currency"])
            if "capacity" in changes:
                before["capacity"] = event.capacity_quota.capacity if event.capacity_quota else None
                columns["capacity_quota_id"] = _changed_capacity(event, changes["capacity"], now)
            rows = events_of(organization_id).filter(id=event_id)
            rows.update(**columns, **changed_by(context))
            event.refresh_from_db(from_queryset=rows)
            publish_changed(event, before=told, now=now)
            capacity = {"capacity": changes["capacity"]} if "capacity" in changes else {}
            after = {**snapshot(event), **capacity}
            record_activity(context, "event.changed", event, before=before, after=after)
    except IntegrityError as error:
        raise refusal_of(error) from error
    return event


def _check_untouched(event: Event, changes: Mapping[str, Any]) -> None:
    """Let changes pass that need that no place is taken, if none is.

    Asked once for all of them, before anything is written: quotas are locked before ticket types.
    """
    if changes.get("currency", event.currency) != event.currency:
        _require_untouched(event, "the currency")
    elif "capacity" in changes and (changes["capacity"] is None) != (event.capacity_quota_id is None):
        # Orders give their places back to the quotas they took them from, so a limit that comes
        # or goes between the two would count wrongly.
        _require_untouched(event, "whether there is a capacity")
    elif changes.get("one_per_customer") and not event.one_per_customer:
        # Bookings made so far do not say whose they are.
        _require_untouched(event, "whether each customer may book only once")


def _check_prices(event: Event, currency: str) -> None:
    for ticket_type in ticket_types_of(event.organization_id, [event.id]):
        check_price(ticket_type.price, currency, field="currency")


def _changed_capacity(event: Event, capacity: int | None, now: datetime) -> UUID | None:
    """Return the quota an event has after its capacity was changed."""
    if capacity is not None and capacity < 1:
        raise InvalidInput("A capacity is at least 1; null takes the limit away.", field="capacity")
    if capacity is not None and event.capacity_quota_id is not None:
        change_capacity(event.organization_id, event.capacity_quota_id, capacity=capacity, now=now)
        return event.capacity_quota_id
    if capacity is None and event.capacity_quota_id is None:
        return None
    quota = _capacity_quota(event.organization_id, event.title, capacity, now)
    return quota.id if quota else None


def _require_untouched(event: Event, what: str) -> None:
    quotas = locked_quotas(event.organization_id, quota_ids_of_event(event))
    taken = sum(quota.reserved + quota.sold for quota in quotas)
    if taken:
        raise StillInUse(f"Places are reserved or sold, so {what} can no longer change.", taken=taken)
    if is_event_taken(event.organization_id, event.id):
        raise StillInUse(f"Places are reserved or sold, so {what} can no longer change.")


def _with_defaults(organization_id: UUID, fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(fields) - EVENT_FIELDS)
    if unknown:
        raise InvalidInput(f"An event has no field '{unknown[0]}'.", field=unknown[0])
    values: dict[str, Any] = {"kind": EventKind.EVENT, "time_zone": "UTC", **fields}
    if values.get("currency") is None:
        values["currency"] = organization_settings(organization_id).default_currency
    if values["kind"] == EventKind.COURSE:
        values.setdefault("one_per_customer", True)
    return values


def _capacity_quota(organization_id: UUID, title: str, capacity: int | None, now: datetime) -> Quota | None:
    if capacity is None:
        return None
    if capacity < 1:
        raise InvalidInput("A capacity is at least 1; leave it out for no limit.", field="capacity")
    return create_quota(organization_id, name=title, capacity=capacity, kind=QuotaKind.EVENT, now=now)
