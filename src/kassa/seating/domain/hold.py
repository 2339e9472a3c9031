"""Seats change hands here, whole sets at a time, inside the caller's transaction and under its locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg

from kassa.core.database import Statements, plain_array
from kassa.seating.enums import SeatStatus

MOVE_SEATS = """
UPDATE seating_eventseat SET status = %s, cart_id = %s
WHERE organization_id = %s AND id = ANY(%s::uuid[]) AND status = ANY(%s::text[])
"""
GIVE_SEATS = """
UPDATE seating_eventseat s SET status = d.status, cart_id = NULL
FROM unnest(%s::uuid[], %s::text[]) AS d(id, status)
WHERE s.organization_id = %s AND s.id = d.id AND s.status IN ('available', 'held')
"""
FREE_SEATS_OF_CARTS = """
UPDATE seating_eventseat SET status = 'available', cart_id = NULL
WHERE organization_id = %s AND cart_id = ANY(%s::uuid[]) AND status = 'held'
"""


def move_seats(
    database: Statements,
    organization_id: UUID,
    *,
    seat_ids: Iterable[UUID],
    from_status: Sequence[SeatStatus],
    to_status: SeatStatus,
    cart_id: UUID | None = None,
) -> psycopg.Cursor[Any]:
    """Move those of the seats that are in one of the expected states.

    Fewer rows (``rowcount``) than asked for is a conflict, which the caller turns into an error
    or a rollback. ``cart_id`` becomes the cart that holds them (only with ``held``).
    """
    states = plain_array([status.value for status in from_status])
    return database.queue(
        MOVE_SEATS, (to_status.value, cart_id, organization_id, plain_array(seat_ids), states)
    )


def give_seats(
    database: Statements, organization_id: UUID, status_by_seat: Mapping[UUID, SeatStatus]
) -> psycopg.Cursor[Any]:
    """Give seats to orders: each becomes held or sold, and no cart's any more.

    The caller has made sure that a held one was its own cart's. Fewer rows (``rowcount``) than
    asked for: one was blocked or taken meanwhile.
    """
    seat_ids = sorted(status_by_seat)
    states = plain_array([status_by_seat[seat].value for seat in seat_ids])
    return database.queue(GIVE_SEATS, (plain_array(seat_ids), states, organization_id))


def free_seats_of_carts(database: Statements, organization_id: UUID, cart_ids: Iterable[UUID]) -> None:
    """Free all seats that carts hold."""
    database.queue(FREE_SEATS_OF_CARTS, (organization_id, plain_array(cart_ids)))
