"""Where each seat of an event stands when it is drawn: pure functions of its section, row, block and place.

A unit is a twentieth of the distance between two neighbours. Coordinates of the organiser's own are taken,
scaled to that, unless some are missing or seats would lie on top of each other; then rows are drawn from
blocks and places, with an aisle between two blocks, and sections are set beside and below each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, pairwise
from statistics import median
from typing import Protocol

PITCH = 20
"""Units from one seat to its neighbour."""
MARGIN = PITCH * 3
"""Around everything, for the names of rows and sections."""
ABOVE = PITCH * 4
"""Before the first row, for the stage."""
BETWEEN_SECTIONS = PITCH * 4
WIDER_THAN_HIGH = 1.3
"""What a plan of many sections should look like."""


class Seat(Protocol):
    """What is drawn."""

    @property
    def section(self) -> str: ...
    @property
    def row(self) -> str: ...
    @property
    def block(self) -> int: ...
    @property
    def place(self) -> int: ...
    @property
    def x(self) -> Decimal | None: ...
    @property
    def y(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class SectionDrawn:
    """A section's name and the box around its seats."""

    name: str
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole plan in units; the stage, or the driver, is at the top."""

    width: int
    height: int
    places: Sequence[tuple[int, int]]
    """For each seat, in the order in which they were given."""
    sections: Sequence[SectionDrawn]
    """From the front to the back."""


def draw(seats: Sequence[Seat]) -> Drawing:
    """Return where seats stand; no two stand at the same place."""
    if not seats:
        return Drawing(0, 0, (), ())
    places = _own_places(seats) or _derived_places(seats)
    left = min(x for x, _ in places) - MARGIN
    top = min(y for _, y in places) - ABOVE
    moved = [(round(x - left), round(y - top)) for x, y in places]
    return Drawing(
        width=max(x for x, _ in moved) + MARGIN,
        height=max(y for _, y in moved) + MARGIN,
        places=moved,
        sections=_sections(seats, moved),
    )


def _own_places(seats: Sequence[Seat]) -> list[tuple[float, float]] | None:
    """Return the organiser's own places in units; None: they have none that can be drawn."""
    own = [(float(seat.x), float(seat.y)) for seat in seats if seat.x is not None and seat.y is not None]
    if len(own) < len(seats):
        return None
    by_block = sorted(range(len(seats)), key=lambda nth: (seats[nth].block, seats[nth].place))
    steps = [
        math.dist(own[one], own[other])
        for one, other in pairwise(by_block)
        if seats[one].block == seats[other].block
    ]
    step = median(steps) if steps else 1.0
    if step <= 0:
        return None
    scaled = [(x * PITCH / step, y * PITCH / step) for x, y in own]
    cells = {(round(x * 2 / PITCH), round(y * 2 / PITCH)) for x, y in scaled}
    return scaled if len(cells) == len(scaled) else None


def _derived_places(seats: Sequence[Seat]) -> list[tuple[float, float]]:
    order = sorted(range(len(seats)), key=lambda nth: (seats[nth].block, seats[nth].place))
    sections: dict[str, dict[str, list[int]]] = {}
    for nth in order:
        sections.setdefault(seats[nth].section, {}).setdefault(seats[nth].row, []).append(nth)
    places: list[tuple[float, float]] = [(0.0, 0.0)] * len(seats)
    boxes = {name: _place_section(seats, rows.values(), places) for name, rows in sections.items()}
    for name, (left, top) in _set_out(boxes).items():
        for nth in (nth for row in sections[name].values() for nth in row):
            x, y = places[nth]
            places[nth] = (x + left, y + top)
    return places


def _place_section(
    seats: Sequence[Seat], rows: Iterable[Sequence[int]], places: list[tuple[float, float]]
) -> tuple[float, float]:
    """Place the seats of one section, each row about its middle; return how wide and high it is."""
    widest, y = 0.0, 0.0
    for row in rows:
        x = -float(PITCH)
        for aisles, (_, block) in enumerate(groupby(row, key=lambda nth: seats[nth].block)):
            members = list(block)
            first = seats[members[0]].place
            start = x + PITCH * (2 if aisles else 1)
            for nth in members:
                x = start + PITCH * (seats[nth].place - first)
                places[nth] = (x, y)
        for nth in row:
            places[nth] = (places[nth][0] - x / 2, y)
        widest = max(widest, x)
        y += PITCH
    return widest, y - PITCH


def _set_out(boxes: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Return the middle of the upper edge of each section: in lines, the lines as long as looks best."""
    names = list(boxes)
    best: tuple[float, dict[str, tuple[float, float]]] | None = None
    for in_line in range(1, len(names) + 1):
        found: dict[str, tuple[float, float]] = {}
        widest, y = 1.0, 0.0
        for start in range(0, len(names), in_line):
            line = names[start : start + in_line]
            width = sum(boxes[name][0] for name in line) + BETWEEN_SECTIONS * (len(line) - 1)
            x = -width / 2
            for name in line:
                found[name] = (x + boxes[name][0] / 2, y)
                x += boxes[name][0] + BETWEEN_SECTIONS
            widest = max(widest, width)
            y += max(boxes[name][1] for name in line) + BETWEEN_SECTIONS
        badness = abs(math.log(widest / max(y, 1.0) / WIDER_THAN_HIGH))
        if best is None or badness < best[0]:
            best = (badness, found)
    return best[1] if best else {}


def _sections(seats: Sequence[Seat], places: Sequence[tuple[int, int]]) -> list[SectionDrawn]:
    members: dict[str, list[tuple[int, int]]] = {}
    first: dict[str, int] = {}
    for seat, place in zip(seats, places, strict=True):
        members.setdefault(seat.section, []).append(place)
        first[seat.section] = min(first.get(seat.section, seat.block), seat.block)
    return [
        SectionDrawn(
            name=name,
            left=min(x for x, _ in members[name]),
            top=min(y for _, y in members[name]),
            right=max(x for x, _ in members[name]),
            bottom=max(y for _, y in members[name]),
        )
        for name in sorted(members, key=lambda name: first[name])
    ]
