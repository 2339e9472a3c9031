"""What can go wrong with seats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from kassa.core.errors import Conflict

NAMED_AT_MOST = 10
"""How many seats a sentence names; ``seats`` lists them all."""


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
    return "; ".join(names[:NAMED_AT_MOST]) + more


class SeatTaken(Conflict):
    """A seat is held or sold; `seats` lists the ids, the sentence says what they are called."""

    code = "seat_taken"
    title = "Seat taken"

    def __init__(self, seats: Mapping[UUID, str]) -> None:
        taken = "is taken" if len(seats) == 1 else "are taken"
        super().__init__(
            f"{_named(list(seats.values()))} {taken}. Choose others.",
            seats=[str(seat_id) for seat_id in seats],
        )


class SeatUnknown(Conflict):
    """The event has no seat with such an id; `seats` lists the ids."""

    code = "seat_unknown"
    title = "No such seat"

    def __init__(self, seats: Iterable[UUID]) -> None:
        ids = [str(seat_id) for seat_id in seats]
        super().__init__(
            f"The event has no seat {_named(ids)}. Send ids from the event's list of seats.",
            seats=ids,
        )


class AlreadySeated(Conflict):
    """The event has its seats already."""

    code = "already_seated"
    title = "The event has its seats already"

    def __init__(self) -> None:
        super().__init__("The event has its seats already. Make a new event for another plan.")
