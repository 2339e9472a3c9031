from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import IntegrityError

from kassa.core.database import violated_constraint
from kassa.core.errors import Conflict, InvalidInput, KassaError, NotFound


class WaitingRoomClosed(Conflict):
    """A waiting room stands before the event, and it has not let the buyer in; `wait_at` says where it is."""

    code = "waiting_room"
    title = "There is a waiting room"
    retry_after = 5

    def __init__(self, *, event_id: UUID, wait_at: str) -> None:
        super().__init__(
            "So many want this that they are let in one after the other. Wait at the address in 'wait_at'.",
            event=str(event_id),
            wait_at=wait_at,
        )
        self.event_id = event_id
        self.wait_at = wait_at


class WaitingRoomDrawn(Conflict):
    """The places in the line are drawn, so its opening and its start stay as they are."""

    code = "waiting_room_drawn"
    title = "The line has started"

    def __init__(self) -> None:
        super().__init__(
            "The places are drawn, so opening and start stay. The rate, the pause and the end can change."
        )


class NotWaiting(Conflict):
    """Nobody can join the line now: it is not open yet, or there is none any more."""


class NotServedYet(Conflict):
    """The place has not been called yet; `rank` and `serving` say how far away it is."""

    retry_after = 5

    def __init__(self, *, rank: int | None, serving: int) -> None:
        super().__init__("It is not your turn yet.", rank=rank, serving=serving)


class PlaceUsed(Conflict):
    """The place has been turned into an entry, and that is over."""

    def __init__(self) -> None:
        super().__init__("This place in the line has been used. Join the line again.")


class PlaceUnknown(NotFound):
    """It is no place in this line: forged, of another line, or none at all."""

    def __init__(self) -> None:
        super().__init__("This is no place in this line. Join it first.")


class PassOver(Conflict):
    """The pass is no longer good: its time is up, or another one took its place."""

    def __init__(self) -> None:
        super().__init__("The time to buy is over, or you went on in another window.")


def _invalid(sentence: str, field: str) -> Callable[[], KassaError]:
    return lambda: InvalidInput(sentence, field=field)


_REFUSALS: dict[str, Callable[[], KassaError]] = {
    "waiting_waitingroom_opening": _invalid("Let it open before it starts.", "opens_at"),
    "waiting_waitingroom_ending": _invalid("Let it end after it starts.", "ends_at"),
    "waiting_waitingroom_rate": _invalid(
        "Let in at least one a minute; pause it for none.", "rate_per_minute"
    ),
}


def refusal_of(error: IntegrityError) -> KassaError:
    """Return the refusal that belongs to a broken constraint of the waiting room's tables.

    Raises:
        IntegrityError: the constraint is not one of these tables.
    """
    name = violated_constraint(error)
    if name in _REFUSALS:
        return _REFUSALS[name]()
    raise error
