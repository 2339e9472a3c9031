"""What can go wrong with seats."""

from __future__ import annotations

from collections.abc import Sequence

from kassa.core.errors import Conflict, InvalidInput


class SeatTaken(Conflict):
    """A seat that was asked for is held, sold or blocked; ``seats`` names them."""

    code = "seat_taken"
    title = "The seat is taken"

    def __init__(self, seats: Sequence[str]) -> None:
        named = ", ".join(seats[:NAMED_AT_MOST])
        more = f" and {len(seats) - NAMED_AT_MOST} more" if len(seats) > NAMED_AT_MOST else ""
        taken = "is taken" if len(seats) == 1 else "are taken"
        super().__init__(f"{named}{more} {taken}. Choose others.", seats=list(seats))


class SeatUnknown(InvalidInput):
    """The event has no seat with such an id; ``seats`` lists the ids."""

    code = "seat_unknown"
    title = "There is no such seat"

    def __init__(self, seats: Sequence[str]) -> None:
        named = ", ".join(seats[:NAMED_AT_MOST])
        more = f" and {len(seats) - NAMED_AT_MOST} more" if len(seats) > NAMED_AT_MOST else ""
        super().__init__(
            f"The event has no seat {named}{more}. Send ids from the event's list of seats.",
            field="seats",
            seats=list(seats),
        )


class AlreadySeated(Conflict):
    """The event has its seats already."""

    code = "already_seated"
    title = "The event has its seats already"

    def __init__(self) -> None:
        super().__init__("The event has its seats already. Make a new event for another plan.")


NAMED_AT_MOST = 10
"""How many seats a sentence names; ``seats`` holds them all."""
