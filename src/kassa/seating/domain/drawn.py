"""Plans that are drawn by rule: a coach, and a hall to show things with."""

from __future__ import annotations

from string import ascii_uppercase

from kassa.seating.domain.plan import PlanDocument, SeatDocument, ShortRow

COACH_LETTERS = "ABCD"
COACH_AISLE_AFTER = "B"


def coach_plan(rows: int = 12, *, category: str = "standard") -> PlanDocument:
    """Return the plan of a coach: two seats, the aisle, two seats in each row, lettered A to D."""
    return {
        "sections": [
            {
                "name": "Coach",
                "rows": [
                    {
                        "name": str(row),
                        "seats": [_coach_seat(row, letter, category) for letter in COACH_LETTERS],
                    }
                    for row in range(1, rows + 1)
                ],
            }
        ]
    }


def _coach_seat(row: int, letter: str, category: str) -> SeatDocument:
    column = COACH_LETTERS.index(letter)
    seat: SeatDocument = {
        "number": letter,
        "category": category,
        "x": float(column + (letter > COACH_AISLE_AFTER)),
        "y": float(row - 1),
    }
    if letter == COACH_AISLE_AFTER:
        seat["aisle_after"] = True
    return seat


def hall_plan() -> PlanDocument:
    """Return the plan of a theatre of 408 seats: stalls (the first three rows premium) and balcony."""
    stalls = [
        _hall_row(letter, count=24, category="premium" if letter in "ABC" else "stalls", aisles=[8, 16])
        for letter in ascii_uppercase[:12]
    ]
    balcony = [_hall_row(letter, count=20, category="balcony", aisles=[10]) for letter in ascii_uppercase[:6]]
    return {"sections": [{"name": "Stalls", "rows": [*stalls]}, {"name": "Balcony", "rows": [*balcony]}]}


def _hall_row(name: str, *, count: int, category: str, aisles: list[int]) -> ShortRow:
    return {"name": name, "count": count, "category": category, "first": 1, "aisles": aisles}
