"""Events with numbered seats: the event, its seats and the quotas that count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from kassa.catalog.domain.events import create_event
from kassa.catalog.models import Event
from kassa.catalog.queries import locked_event
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput
from kassa.core.ids import new_id
from kassa.core.permissions import Permission
from kassa.inventory.domain.quotas import create_quota
from kassa.seating.domain.plan import SeatSpec, check_plan, expand
from kassa.seating.errors import AlreadySeated
from kassa.seating.queries import event_seats_of

COPY_SEATS = """
    COPY seating_eventseat (id, organization_id, event_id, category, section, row, number,
                            rank, block, place, x, y)
    FROM STDIN
"""


@command(Permission.OFFER_WRITE)
def create_seated_event(
    context: CommandContext,
    *,
    fields: Mapping[str, Any],
    ticket_types: Sequence[Mapping[str, Any]],
    plan: Mapping[str, Any],
    capacity: int | None = None,
) -> Event:
    """Make a draft of an event together with its ticket types and one seat for each of the plan's.

    The seats of each category are counted by a shared quota, on which every ticket type of the
    category draws. Without a ``capacity`` the event has as many places as seats, and those of
    its ticket types without a category; no limit of its own if one of these has none.

    Raises:
        InvalidInput: the plan or the values are not valid, a category is sold by no ticket
            type, or a ticket type sells a category that the plan does not have.
        NotFound: there is no such organisation.
    """
    specs = expand(check_plan(plan))
    seats = Counter(spec.category for spec in specs)
    _check_categories(seats, ticket_types)
    with transaction.atomic():
        quota_ids = {
            category: create_quota(
                context.organization_id, name=f"Seats: {category}", capacity=count, now=context.now
            ).id
            for category, count in seats.items()
        }
        event = create_event(
            context,
            fields=fields,
            ticket_types=[_drawing_on(ticket_type, quota_ids) for ticket_type in ticket_types],
            capacity=_places_in_all(len(specs), ticket_types) if capacity is None else capacity,
        )
        add_seats(event, specs)
    return event


def add_seats(event: Event, specs: Sequence[SeatSpec]) -> int:
    """Write the seats of an event that has none yet, all in one statement; return how many.

    Raises:
        NotFound: the event is gone.
        AlreadySeated: the event has seats.
    """
    with transaction.atomic():
        locked_event(event.organization_id, event.id)
        if event_seats_of(event.organization_id, event.id).exists():
            raise AlreadySeated
        with connection.connection.cursor() as cursor, cursor.copy(COPY_SEATS) as copy:
            for spec in specs:
                copy.write_row(
                    (
                        new_id(),
                        event.organization_id,
                        event.id,
                        spec.category,
                        spec.section,
                        spec.row,
                        spec.number,
                        spec.rank,
                        spec.block,
                        spec.place,
                        spec.x,
                        spec.y,
                    )
                )
    return len(specs)


def _check_categories(seats: Mapping[str, int], ticket_types: Sequence[Mapping[str, Any]]) -> None:
    for index, ticket_type in enumerate(ticket_types):
        category = ticket_type.get("seat_category")
        if category is not None and category not in seats:
            raise InvalidInput(
                f"The plan has no seats of the category '{category}'. It has: {', '.join(sorted(seats))}.",
                field=f"ticket_types.{index}.seat_category",
            )
    unsold = sorted(seats.keys() - {ticket_type.get("seat_category") for ticket_type in ticket_types})
    if unsold:
        raise InvalidInput(
            f"No ticket type sells the seats of {', '.join(unsold)}. Add one with that 'seat_category'.",
            field="ticket_types",
        )


def _drawing_on(ticket_type: Mapping[str, Any], quota_ids: Mapping[str, UUID]) -> Mapping[str, Any]:
    category = ticket_type.get("seat_category")
    if category is None:
        return ticket_type
    return {**ticket_type, "shared_quotas": [*(ticket_type.get("shared_quotas") or ()), quota_ids[category]]}


def _places_in_all(seats: int, ticket_types: Sequence[Mapping[str, Any]]) -> int | None:
    standing = [
        ticket_type.get("quantity")
        for ticket_type in ticket_types
        if ticket_type.get("seat_category") is None
    ]
    limited = [quantity for quantity in standing if quantity is not None]
    return seats + sum(limited) if len(limited) == len(standing) else None
