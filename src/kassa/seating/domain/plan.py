"""The plan of a hall or a coach: a document that people write, and the seats it stands for.

::

    {"sections": [{"name": "Stalls", "rows": [
        {"name": "A", "count": 24, "category": "stalls", "first": 1, "aisles": [8, 16]},
        {"name": "B", "seats": [{"number": "1", "category": "stalls", "aisle_after": true}, …]},
    ]}]}

The best come first: sections and rows stand in the order of the document, the front row first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NotRequired, TypedDict, final

from kassa.core.errors import InvalidInput

MAX_SEATS = 100_000
MAX_SEATS_PER_ROW = 1_000
MAX_SECTION = 60
MAX_ROW = 20
MAX_NUMBER = 20
MAX_CATEGORY = 60
MAX_FIRST = 1_000_000
MAX_COORDINATE = 999_999


class SeatDocument(TypedDict):
    number: str
    category: str
    x: NotRequired[float]
    y: NotRequired[float]
    aisle_after: NotRequired[bool]


@final
class LongRow(TypedDict):
    name: str
    seats: list[SeatDocument]


@final
class ShortRow(TypedDict):
    """Seats ``first`` to ``first + count - 1``; an aisle after each number in ``aisles``."""

    name: str
    count: int
    category: str
    first: int
    aisles: NotRequired[list[int]]


class SectionDocument(TypedDict):
    name: str
    rows: list[LongRow | ShortRow]


class PlanDocument(TypedDict):
    sections: list[SectionDocument]


@dataclass(frozen=True, slots=True)
class SeatSpec:
    """One seat of a plan, as an event's seats are made from it."""

    section: str
    row: str
    number: str
    category: str
    x: Decimal | None
    y: Decimal | None
    block: int
    """Seats of one block stand side by side; no two rows share a block."""
    place: int
    """The position in the block; neighbours differ by one."""
    rank: int
    """0 is the best seat of the plan, and no two seats share a rank."""


def seat_label(section: str, row: str, number: str) -> str:
    """Return what a seat is called on a ticket and in a sentence."""
    return f"{section}, row {row}, seat {number}"


SEAT_LABEL = re.compile(r"(?P<section>.*), row (?P<row>[^,]*), seat (?P<seat>[^,]*)")
SEAT_PATTERNS = {"fr": "{section}, rang {row}, place {seat}"}
"""By language: how a seat is called in another than English, in which labels are stored."""


def translate_seat_label(label: str, language: str) -> str:
    """Return what a seat is called in a language; a label that is not one of ours stays as it is."""
    pattern, found = SEAT_PATTERNS.get(language), SEAT_LABEL.fullmatch(label)
    return pattern.format(**found.groupdict()) if pattern and found else label


def check_plan(document: Mapping[str, Any]) -> PlanDocument:
    """Return a plan in its normal form: text stripped, short rows kept short, empty choices left out.

    Raises:
        InvalidInput: something is missing, too long, out of range or not unique; ``field`` is
            its path, from ``plan`` on.
    """
    sections = []
    seat_count = 0
    for index, section in enumerate(_entries(document, "sections", "plan")):
        checked = _check_section(section, f"plan.sections.{index}")
        sections.append(checked)
        seat_count += sum(_row_length(row) for row in checked["rows"])
        if seat_count > MAX_SEATS:
            raise InvalidInput(
                f"A plan has at most {MAX_SEATS:,} seats. Use several events for more.", field="plan.sections"
            )
    _check_unique([section["name"] for section in sections], "plan.sections", "name", "sections")
    return {"sections": sections}


def count_seats(plan: PlanDocument) -> int:
    """Return how many seats a checked plan has."""
    return sum(_row_length(row) for section in plan["sections"] for row in section["rows"])


def expand(plan: PlanDocument) -> list[SeatSpec]:
    """Return the seats of a checked plan, section by section, row by row, in the order of the row.

    Ranks go by section, then by row, then from the centre of the row outwards, so that the
    middle of the first row is 0. Of two seats as near to the centre the earlier is better.
    """
    specs: list[SeatSpec] = []
    block = -1
    for section in plan["sections"]:
        for row in section["rows"]:
            seats = list(_seats_of(row))
            ranks = _centre_first(len(seats), len(specs))
            place = 0
            starts_block = True
            for seat, rank in zip(seats, ranks, strict=True):
                if starts_block:
                    block, place = block + 1, 0
                specs.append(
                    SeatSpec(
                        section=section["name"],
                        row=row["name"],
                        number=seat["number"],
                        category=seat["category"],
                        x=_coordinate(seat.get("x")),
                        y=_coordinate(seat.get("y")),
                        block=block,
                        place=place,
                        rank=rank,
                    )
                )
                place += 1
                starts_block = seat.get("aisle_after", False)
    return specs


def _centre_first(length: int, offset: int) -> list[int]:
    """Return the rank of each position of a row whose best seat has the rank ``offset``."""
    order = sorted(range(length), key=lambda position: (abs(2 * position - (length - 1)), position))
    ranks = [0] * length
    for nth, position in enumerate(order):
        ranks[position] = offset + nth
    return ranks


def _coordinate(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _row_length(row: LongRow | ShortRow) -> int:
    return len(row["seats"]) if "seats" in row else row["count"]


def _seats_of(row: LongRow | ShortRow) -> Iterator[SeatDocument]:
    if "seats" in row:
        yield from row["seats"]
        return
    aisles = set(row.get("aisles", ()))
    for number in range(row["first"], row["first"] + row["count"]):
        yield {"number": str(number), "category": row["category"], "aisle_after": number in aisles}


def _check_section(section: Mapping[str, Any], path: str) -> SectionDocument:
    name = _text(section, "name", path, MAX_SECTION)
    rows = [
        _check_row(row, f"{path}.rows.{index}") for index, row in enumerate(_entries(section, "rows", path))
    ]
    _check_unique([row["name"] for row in rows], f"{path}.rows", "name", "rows of this section")
    return {"name": name, "rows": rows}


def _check_row(row: Mapping[str, Any], path: str) -> LongRow | ShortRow:
    name = _text(row, "name", path, MAX_ROW)
    given = {key for key in ("seats", "count") if row.get(key) is not None}
    if len(given) != 1:
        raise InvalidInput(
            "Give the row either 'seats', or 'count' and 'category' for seats numbered in turn.", field=path
        )
    return _check_short_row(name, row, path) if "count" in given else _check_long_row(name, row, path)


def _check_short_row(name: str, row: Mapping[str, Any], path: str) -> ShortRow:
    first = 1 if row.get("first") is None else _whole(row, "first", path, 0, MAX_FIRST)
    count = _whole(row, "count", path, 1, MAX_SEATS_PER_ROW)
    checked: ShortRow = {
        "name": name,
        "count": count,
        "category": _text(row, "category", path, MAX_CATEGORY),
        "first": first,
    }
    aisles = row.get("aisles") or []
    for index, number in enumerate(aisles):
        if type(number) is not int or not first <= number < first + count:
            raise InvalidInput(
                f"An aisle follows a seat of the row, so give numbers from {first} to {first + count - 1}.",
                field=f"{path}.aisles.{index}",
            )
    if aisles:
        checked["aisles"] = sorted(set(aisles))
    return checked


def _check_long_row(name: str, row: Mapping[str, Any], path: str) -> LongRow:
    if row.get("aisles") or row.get("category") is not None or row.get("first") is not None:
        raise InvalidInput(
            "'first', 'category' and 'aisles' go with 'count'. With 'seats', give each seat its"
            " 'category' and 'aisle_after'.",
            field=path,
        )
    entries = _entries(row, "seats", path)
    if len(entries) > MAX_SEATS_PER_ROW:
        raise InvalidInput(
            f"A row has at most {MAX_SEATS_PER_ROW:,} seats. Divide it into several.", field=f"{path}.seats"
        )
    seats = [_check_seat(seat, f"{path}.seats.{index}") for index, seat in enumerate(entries)]
    _check_unique([seat["number"] for seat in seats], f"{path}.seats", "number", "seats of this row")
    return {"name": name, "seats": seats}


def _check_seat(seat: Mapping[str, Any], path: str) -> SeatDocument:
    checked: SeatDocument = {
        "number": _text(seat, "number", path, MAX_NUMBER),
        "category": _text(seat, "category", path, MAX_CATEGORY),
    }
    if seat.get("x") is not None:
        checked["x"] = _position(seat, "x", path)
    if seat.get("y") is not None:
        checked["y"] = _position(seat, "y", path)
    if seat.get("aisle_after"):
        checked["aisle_after"] = True
    return checked


def _entries(holder: Mapping[str, Any], key: str, path: str) -> Sequence[Mapping[str, Any]]:
    entries = holder.get(key)
    if not isinstance(entries, list | tuple) or not entries:
        raise InvalidInput(f"Give '{key}' a list with at least one entry.", field=f"{path}.{key}")
    for index, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            raise InvalidInput("Give an object here.", field=f"{path}.{key}.{index}")
    return entries


def _text(holder: Mapping[str, Any], key: str, path: str, longest: int) -> str:
    value = holder.get(key)
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > longest or "\x00" in text:
        raise InvalidInput(f"Give '{key}' 1 to {longest} characters.", field=f"{path}.{key}")
    return text


def _whole(holder: Mapping[str, Any], key: str, path: str, low: int, high: int) -> int:
    value = holder.get(key)
    if type(value) is not int or not low <= value <= high:
        raise InvalidInput(f"Give '{key}' a whole number from {low:,} to {high:,}.", field=f"{path}.{key}")
    return value


def _position(holder: Mapping[str, Any], key: str, path: str) -> float:
    value = holder[key]
    # Written so that 'not a number' fails the comparison too.
    if type(value) not in (int, float, Decimal) or not -MAX_COORDINATE <= value <= MAX_COORDINATE:
        raise InvalidInput(
            f"Give '{key}' a number from -{MAX_COORDINATE:,} to {MAX_COORDINATE:,}.", field=f"{path}.{key}"
        )
    return round(float(value), 2)


def _check_unique(names: Sequence[str], path: str, key: str, among: str) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise InvalidInput(
                f"'{name}' stands twice among the {among}. Give each its own {key}.",
                field=f"{path}.{index}.{key}",
            )
        seen.add(name)
