"""What each subject of a rate limit has used up: in the memory of a process, and for all in PostgreSQL.

For each subject one moment is kept, the theoretical arrival time (TAT) of GCRA: when it may again do all that
its rate allows at once.
"""

from __future__ import annotations

import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

MAX_SUBJECTS = 20_000
"""How many subjects a table in memory holds; the one that has not been counted for longest goes first."""
SPEND = """
WITH spent AS (
    INSERT INTO core_budget AS b (key, tat) VALUES (%(key)s, clock_timestamp() + %(cost)s)
    ON CONFLICT (key) DO UPDATE SET tat = greatest(b.tat, clock_timestamp()) + %(cost)s
    WHERE greatest(b.tat, clock_timestamp()) + %(cost)s <= clock_timestamp() + %(burst)s
    RETURNING tat)
SELECT true, 0::float8 FROM spent
UNION ALL
SELECT false, extract(epoch FROM tat + %(cost)s - %(burst)s - clock_timestamp())::float8
FROM core_budget WHERE key = %(key)s AND NOT EXISTS (SELECT FROM spent)
"""
"""Returns whether it is allowed, and else the seconds to wait as of the statement's snapshot.

When another transaction has just written the row, that snapshot is older than the refusal: then there is no
row, or one with a wait that is too short or negative.
"""
GET_WAIT = """
SELECT extract(epoch FROM tat + %(cost)s - %(burst)s - clock_timestamp())::float8
FROM core_budget WHERE key = %(key)s
"""
DELETE_UNUSED = "DELETE FROM core_budget WHERE tat < clock_timestamp()"
ROUNDING = 1e-6
"""Seconds that are no wait, but what is left over when many intervals were added."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` in each `seconds` in the long run, of which at most `burst` at once."""

    count: int
    seconds: int
    burst: int
    interval: float = field(init=False, repr=False)
    """Seconds after which one more is allowed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "interval", self.seconds / self.count)


class BudgetTable:
    """The subjects of one rule, in the memory of this process.

    Moments are seconds since a start that is not long ago: intervals added to large floats do not add up.
    """

    def __init__(self) -> None:
        self._tats: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._tats)

    def __contains__(self, subject: str) -> bool:
        return subject in self._tats

    def spend(self, subject: str, rate: Rate, *, cost: int, now: float) -> float:
        """Count, and return 0; or count nothing, and return for how many seconds to wait."""
        with self._lock:
            tat = self._tat(subject, rate, now) + cost * rate.interval
            wait = tat - now - rate.burst * rate.interval
            if wait > ROUNDING:
                return wait
            self._set(subject, tat)
        return 0.0

    def get_wait(self, subject: str, rate: Rate, *, now: float) -> float:
        """Return for how many seconds a subject has to wait before it may do one more; 0: not at all."""
        with self._lock:
            wait = self._tat(subject, rate, now) + rate.interval - now - rate.burst * rate.interval
        return wait if wait > ROUNDING else 0.0

    def give_back(self, subject: str, rate: Rate, *, now: float) -> None:
        """Take back that one was counted."""
        with self._lock:
            if subject in self._tats:
                self._tats[subject] = max(now, self._tats[subject] - rate.interval)

    def refuse_for(self, seconds: float, subject: str, rate: Rate, *, cost: int, now: float) -> None:
        """Remember that the database has refused, so that it is not asked again before that time."""
        with self._lock:
            self._set(subject, now + seconds + (rate.burst - cost) * rate.interval)

    def _tat(self, subject: str, rate: Rate, now: float) -> float:
        tat = self._tats.get(subject, now)
        # Nobody can have used up more than the burst, unless the clock was set back: then it starts anew.
        return now if tat > now + (rate.burst + 1) * rate.interval else max(tat, now)

    def _set(self, subject: str, tat: float) -> None:
        self._tats[subject] = tat
        self._tats.move_to_end(subject)
        if len(self._tats) > MAX_SUBJECTS:
            self._tats.popitem(last=False)


def spend_in_database(name: str, subject: str, rate: Rate, *, cost: int) -> float:
    """Count for all processes together, and return for how many seconds to wait; 0: it is allowed.

    The subject is stored as a keyed hash, so that no address can be read from the table.
    """
    parameters = _build_parameters(name, subject, rate, cost=cost)
    if not connection.in_atomic_block:
        return _execute(parameters, rate)
    with transaction.atomic(durable=True):  # raises within any transaction but that of a test
        return _execute(parameters, rate)


def get_wait_in_database(name: str, subject: str, rate: Rate) -> float:
    """Return for how many seconds a subject has to wait, over all processes; 0: not at all."""
    with connection.cursor() as cursor:
        cursor.execute(GET_WAIT, _build_parameters(name, subject, rate, cost=1))
        row = cursor.fetchone()
    return max(float(row[0]), 0.0) if row is not None else 0.0


def delete_unused_budgets() -> int:
    """Delete the rows of subjects that have nothing used up any more, and return their number."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE_UNUSED)
        return int(cursor.rowcount)


def _build_parameters(name: str, subject: str, rate: Rate, *, cost: int) -> dict[str, Any]:
    return {
        "key": hmac.digest(settings.SECRET_KEY.encode(), f"{name}\0{subject}".encode(), "sha256"),
        "cost": timedelta(seconds=cost * rate.interval),
        "burst": timedelta(seconds=rate.burst * rate.interval),
    }


def _execute(parameters: dict[str, Any], rate: Rate) -> float:
    with connection.cursor() as cursor:
        cursor.execute(SPEND, parameters)
        row = cursor.fetchone()
    is_allowed, wait = row if row is not None else (False, 0.0)
    if is_allowed:
        return 0.0
    return float(wait) if wait > 0 else rate.interval
