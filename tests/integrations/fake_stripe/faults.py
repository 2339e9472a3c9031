"""What goes wrong, and when: before the work is done, or after it, which is the nasty case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock


class Fault(StrEnum):
    """One way for a call to fail."""

    ERROR_BEFORE = "error_before"
    """500, nothing done, nothing remembered."""
    ERROR_AFTER = "error_after"
    """500 although the work is done; the key remembers the 500, as Stripe's do."""
    DROP_BEFORE = "drop_before"
    """The connection ends; nothing was done."""
    DROP_AFTER = "drop_after"
    """The connection ends; the work was done, and the key remembers its result."""
    LIMIT = "limit"
    """429: too many requests."""
    SLOW = "slow"
    """The work is done at once, the answer comes late."""
    NONSENSE = "nonsense"
    """200 with a body that is no object of Stripe's."""


@dataclass(slots=True)
class Planned:
    """A fault that is to come."""

    fault: Fault
    times: int
    path: str
    seconds: float


class FaultPlan:
    """The faults to come; each call takes the first that fits it."""

    def __init__(self) -> None:
        self._planned: list[Planned] = []
        self._lock = Lock()

    def add(self, fault: Fault, *, times: int, path: str, seconds: float) -> None:
        """Plan a fault for the next calls whose `POST /path` contains a text."""
        with self._lock:
            self._planned.append(Planned(fault, times, path, seconds))

    def take(self, call: str) -> Planned | None:
        """Return the fault for a call, used up by it; None: all goes well."""
        with self._lock:
            for planned in self._planned:
                if planned.times > 0 and planned.path in call:
                    planned.times -= 1
                    return planned
        return None
