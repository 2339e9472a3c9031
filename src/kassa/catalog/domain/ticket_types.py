"""Ticket types are made, changed and deleted here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.catalog.domain.event_locks import locked_event_for
from kassa.catalog.domain.sold import is_ticket_type_taken
from kassa.catalog.domain.ticket_type_rows import check_shared_quotas, check_tax_rules, write_ticket_types
from kassa.catalog.domain.ticket_type_rules import ALSO_GIVEN, TICKET_TYPE_FIELDS, check_ticket_type
from kassa.catalog.errors import refusal_of
from kassa.catalog.models import TicketType, TicketTypeQuota
from kassa.catalog.queries import quota_ids_of_types, ticket_type_of
from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, StillInUse
from kassa.core.money import ZERO
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.inventory.domain.quotas import change_capacity, create_quota, locked_quotas
from kassa.inventory.enums import QuotaKind


@command(Permission.OFFER_WRITE)
def create_ticket_type(context: CommandContext, event_id: UUID, *, fields: Mapping[str, Any]) -> TicketType:
    """Add a ticket type to an event; ``fields`` are as in ``create_event``.

    Raises:
        NotFound: the organisation has no such event.
        InvalidInput: a value is not valid, or names a tax rule or quota that does not exist.
    """
    try:
        with transaction.atomic():
            event = locked_event_for(context, event_id)
            made = write_ticket_types(event, [fields], now=context.now)[0]
            made.refresh_from_db(from_queryset=TicketType.objects.of(context.organization_id))
            after = {**snapshot(made), "quantity": fields.get("quantity")}
            record_activity(context, "ticket_type.created", made, after=after)
            return made
    except IntegrityError as error:
        raise refusal_of(error) from error


@command(Permission.OFFER_WRITE)
def change_ticket_type(
    context: CommandContext,
    ticket_type_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected: datetime | None = None,
) -> TicketType:
    """Change a ticket type; what is not named stays. Orders keep the price they were placed at.

    Raises:
        NotFound: the organisation has no such ticket type.
        InvalidInput: the values are not valid together, or name what does not exist.
        CapacityBelowTaken: more are reserved or sold than the new ``quantity``.
        StillInUse: some are reserved or sold, and the change of quotas needs that none is.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id, now = context.organization_id, context.now
    unknown = sorted(set(changes) - TICKET_TYPE_FIELDS - ALSO_GIVEN)
    if unknown:
        raise InvalidInput(f"A ticket type has no field '{unknown[0]}'.", field=unknown[0])
    columns = {field: value for field, value in changes.items() if field in TICKET_TYPE_FIELDS}
    if columns.get("is_free") and "price" not in columns:
        columns["price"] = ZERO
    try:
        with transaction.atomic():
            ticket_type = _locked_with_its_event(context, ticket_type_id, columns, changes)
            require_version(ticket_type, expected)
            before = snapshot(ticket_type)
            if "tax_rule" in changes:
                check_tax_rules(organization_id, [changes["tax_rule"]])
                columns["tax_rule_id"] = changes["tax_rule"]
            if "quantity" in changes:
                before["quantity"] = ticket_type.quota.capacity if ticket_type.quota else None
                columns["quota_id"] = _changed_quantity(ticket_type, changes["quantity"], now)
            if "shared_quotas" in changes:
                before["shared_quotas"] = _share(ticket_type, changes["shared_quotas"])
            rows = TicketType.objects.of(organization_id).filter(id=ticket_type_id)
            rows.update(**columns, updated_at=now)
            ticket_type.refresh_from_db(from_queryset=rows)
            limits = {name: changes[name] for name in ("quantity", "shared_quotas") if name in changes}
            after = {**snapshot(ticket_type), **limits}
            record_activity(context, "ticket_type.changed", ticket_type, before=before, after=after)
    except IntegrityError as error:
        raise refusal_of(error) from error
    return ticket_type


@command(Permission.OFFER_WRITE)
def delete_ticket_type(context: CommandContext, ticket_type_id: UUID) -> None:
    """Take a ticket type out of sight; its row stays for the records.

    Raises:
        NotFound: the organisation has no such ticket type.
        StillInUse: some of it are reserved or sold.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        locked_event_for(context, ticket_type_of(organization_id, ticket_type_id).event_id)
        ticket_type = ticket_type_of(organization_id, ticket_type_id)
        _require_untouched(ticket_type, "Hide it instead")
        TicketType.objects.of(organization_id).filter(id=ticket_type_id).update(
            deleted_at=context.now, updated_at=context.now
        )
        record_activity(context, "ticket_type.deleted", ticket_type)


def _locked_with_its_event(
    context: CommandContext, ticket_type_id: UUID, columns: Mapping[str, Any], changes: Mapping[str, Any]
) -> TicketType:
    """Lock the event, which all changes of its ticket types take turns on, and check the whole."""
    organization_id = context.organization_id
    event = locked_event_for(context, ticket_type_of(organization_id, ticket_type_id).event_id)
    ticket_type = ticket_type_of(organization_id, ticket_type_id)
    values = {field: getattr(ticket_type, field) for field in TICKET_TYPE_FIELDS}
    check_ticket_type(
        {**values, **columns, "quantity": changes.get("quantity")}, kind=event.kind, currency=event.currency
    )
    return ticket_type


def _changed_quantity(ticket_type: TicketType, quantity: int | None, now: datetime) -> UUID | None:
    """Return the quota a ticket type has after its quantity was changed."""
    if quantity is None:
        if ticket_type.quota_id is not None:
            _require_untouched(ticket_type, "Choose a large quantity instead")
        return None
    if ticket_type.quota_id is not None:
        change_capacity(ticket_type.organization_id, ticket_type.quota_id, capacity=quantity, now=now)
        return ticket_type.quota_id
    _require_untouched(ticket_type, "Make another ticket type with a quantity")
    return create_quota(
        ticket_type.organization_id,
        name=ticket_type.name,
        capacity=quantity,
        kind=QuotaKind.TICKET_TYPE,
        now=now,
    ).id


def _share(ticket_type: TicketType, quota_ids: Sequence[UUID]) -> list[UUID]:
    """Let a ticket type draw on these shared quotas and no others; return those it drew on."""
    organization_id = ticket_type.organization_id
    check_shared_quotas(organization_id, [quota_ids])
    links = TicketTypeQuota.objects.of(organization_id).filter(ticket_type_id=ticket_type.id)
    present = set(links.values_list("quota_id", flat=True))
    if present == set(quota_ids):
        return list(quota_ids)
    _require_untouched(ticket_type, "Make another ticket type with other shared quotas")
    links.exclude(quota_id__in=quota_ids).delete()
    TicketTypeQuota.unscoped.bulk_create(
        TicketTypeQuota(organization_id=organization_id, ticket_type_id=ticket_type.id, quota_id=quota_id)
        for quota_id in dict.fromkeys(quota_ids)
        if quota_id not in present
    )
    return sorted(present)


def _require_untouched(ticket_type: TicketType, instead: str) -> None:
    # Orders give their places back to the quotas they took them from: a quota that comes or
    # goes between the two would count wrongly.
    organization_id = ticket_type.organization_id
    quotas = locked_quotas(organization_id, quota_ids_of_types(organization_id, [ticket_type]))
    taken = sum(quota.reserved + quota.sold for quota in quotas)
    if taken:
        raise StillInUse(f"Places of it are reserved or sold. {instead}.", taken=taken)
    if is_ticket_type_taken(ticket_type):
        raise StillInUse(f"Places of it are reserved or sold. {instead}.")
