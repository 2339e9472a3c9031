"""How a waiting room stands."""

from __future__ import annotations

from enum import StrEnum


class RoomState(StrEnum):
    """Worked out from the clock and the room's row; kept nowhere."""

    EARLY = "early"
    """Nobody can wait yet, and nobody is held up."""
    GATHERING = "gathering"
    """Who comes is given a number; the places are drawn at the start."""
    RUNNING = "running"
    PAUSED = "paused"
    """The draw is over, but nobody is called just now."""
    OVER = "over"
    """Nobody is held up any more."""
