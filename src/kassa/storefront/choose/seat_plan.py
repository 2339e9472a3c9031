"""An event's seats, read once and kept: as a document to be drawn from, and as what forms say of them."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import orjson

from kassa.catalog.enums import EventKind
from kassa.core.ttl_cache import TTLCache
from kassa.seating.queries import event_seats_of
from kassa.storefront.choose.drawing import PITCH, Drawing, draw

TTL_SECONDS = 600.0
"""Seats stay as they were made; only what can be done with them changes, and that is not in a plan."""
TTL_SECONDS_WITHOUT_SEATS = 2.0
"""An event without seats may get some."""
COACH_WIDTH = 6
"""Seats in the longest row of what is drawn as a coach."""


@dataclass(frozen=True, slots=True)
class PlanSeat:
    """A seat as pages name it."""

    id: UUID
    section: str
    row: str
    number: str
    category: str
    rank: int
    block: int
    place: int
    x: Decimal | None
    y: Decimal | None


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """The seats of one event, in the order of the letters of its availability."""

    seats: Sequence[PlanSeat]
    by_rank: Mapping[int, PlanSeat]
    by_id: Mapping[UUID, PlanSeat]
    sections: Sequence[str]
    """From the front to the back."""
    is_coach: bool
    version: str
    """Changes with the document."""
    body: bytes
    """The document, compressed with gzip."""


def _ttl(plan: SeatPlan) -> float:
    return TTL_SECONDS if plan.seats else TTL_SECONDS_WITHOUT_SEATS


_plans: TTLCache[tuple[UUID, UUID], SeatPlan] = TTLCache("seat plans", ttl=_ttl, maxsize=200, wait=10.0)


def seat_plan_of(organization_id: UUID, event_id: UUID, *, kind: str) -> SeatPlan:
    """Return the seats of an event of that kind; an event without seats has a plan with none.

    Raises:
        Busy: the database is slow to answer.
    """
    return _plans.get((organization_id, event_id), lambda: _read(organization_id, event_id, kind))


def _read(organization_id: UUID, event_id: UUID, kind: str) -> SeatPlan:
    names = ("id", "section", "row", "number", "category", "rank", "block", "place", "x", "y")
    return make_plan(
        [PlanSeat(*row) for row in event_seats_of(organization_id, event_id).values_list(*names)], kind=kind
    )


def make_plan(seats: Sequence[PlanSeat], *, kind: str) -> SeatPlan:
    """Return the plan of seats that come in the order of their rank."""
    drawing = draw(seats)
    is_coach = kind == EventKind.TRIP and bool(seats) and _longest_row(seats) <= COACH_WIDTH
    body = orjson.dumps(_document(seats, drawing, is_coach=is_coach))
    return SeatPlan(
        seats=seats,
        by_rank={seat.rank: seat for seat in seats},
        by_id={seat.id: seat for seat in seats},
        sections=[section.name for section in drawing.sections],
        is_coach=is_coach,
        version=hashlib.blake2b(body, digest_size=8).hexdigest(),
        body=gzip.compress(body, compresslevel=9, mtime=0),
    )


def _document(seats: Sequence[PlanSeat], drawing: Drawing, *, is_coach: bool) -> dict[str, object]:
    """Return what a browser draws from: columns, each with one entry a seat.

    A seat's section is that of its row; ``rank`` is left out where it is just the seat's position.
    """
    names = [section.name for section in drawing.sections]
    firsts: dict[tuple[str, str], int] = {}
    for seat in seats:
        key = (seat.section, seat.row)
        firsts[key] = min(firsts.get(key, seat.block), seat.block)
    rows = {key: nth for nth, key in enumerate(sorted(firsts, key=lambda key: firsts[key]))}
    categories = {name: nth for nth, name in enumerate(dict.fromkeys(seat.category for seat in seats))}
    document: dict[str, object] = {
        "kind": "coach" if is_coach else "hall",
        "size": [drawing.width, drawing.height],
        "pitch": PITCH,
        "categories": list(categories),
        "sections": [
            [section.name, section.left, section.top, section.right, section.bottom]
            for section in drawing.sections
        ],
        "rows": [[names.index(section), row] for section, row in rows],
        "row": [rows[seat.section, seat.row] for seat in seats],
        "number": [_short(seat.number) for seat in seats],
        "category": [categories[seat.category] for seat in seats],
        "x": [x for x, _ in drawing.places],
        "y": [y for _, y in drawing.places],
    }
    ranks = [seat.rank for seat in seats]
    if ranks != list(range(len(seats))):
        document["rank"] = ranks
    return document


def _short(number: str) -> int | str:
    """Return the number of a seat as JSON says it in fewer letters."""
    return int(number) if number.isascii() and number.isdigit() and str(int(number)) == number else number


def _longest_row(seats: Sequence[PlanSeat]) -> int:
    lengths: dict[tuple[str, str], int] = {}
    for seat in seats:
        lengths[seat.section, seat.row] = lengths.get((seat.section, seat.row), 0) + 1
    return max(lengths.values())
