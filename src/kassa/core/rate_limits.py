"""Rate limits: how often one subject may do something, after the generic cell rate algorithm (GCRA).

Each process counts in memory, so that a flood is refused there and never reaches the database. What passes
and belongs to a shared rule is counted once more in PostgreSQL, for all processes and machines together.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import ClassVar

from django.conf import settings

from kassa.core.budgets import BudgetTable, Rate, get_wait_in_database, spend_in_database
from kassa.core.errors import KassaError


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A rule: what is counted, for whom, and how often it may happen unless the operator says otherwise.

    The setting is ``KASSA_RATE_`` and the name in capitals, as ``60/minute,120``; ``off`` switches it off.
    """

    name: str
    per: str
    """The kind of its subjects: address, key, organisation."""
    default: Rate
    is_shared: bool = False
    """Whether all processes count together, in PostgreSQL, rather than each for itself."""

    declared: ClassVar[dict[str, RateLimit]] = {}
    """Every rule there is, by its name."""

    def __post_init__(self) -> None:
        if self.declared.setdefault(self.name, self) != self:
            raise ValueError(f"There are two rate limits named {self.name!r}.")

    @property
    def rate(self) -> Rate | None:
        """The rate in force; None: the rule is switched off."""
        if not settings.RATE_LIMITS:
            return None
        rates = settings.RATES
        if self.name not in rates:
            return self.default
        given = rates[self.name]
        return _build_rate(*given) if given else None


class TooManyRequests(KassaError):
    """It was done too often in a short time; the same request may succeed after `Retry-After`."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests"
    retry_after = 1

    def __init__(self, limit: RateLimit, rate: Rate, *, wait_seconds: float) -> None:
        seconds = max(1, math.ceil(wait_seconds))
        super().__init__(
            f"That was done too often in a short time. Try again in {seconds} s.",
            limit=limit.name,
            wait_seconds=seconds,
        )
        self.limit = limit
        self.retry_after = seconds
        window = math.ceil(rate.burst * rate.interval)
        self.headers = {
            "RateLimit-Policy": f'"{limit.name}";q={rate.burst};w={window}',
            "RateLimit": f'"{limit.name}";r=0;t={seconds}',
        }


def require(limit: RateLimit, subject: str, *, now: datetime, cost: int = 1) -> None:
    """Count something that a subject does now, unless it has done so too often.

    Call it before the transaction of what is asked for: a shared rule is one statement in a transaction of
    its own, so that it holds no lock while something else is waited for and is never taken back. `cost` is
    how much is counted, such as bytes; more than the burst counts as the burst.

    Raises:
        TooManyRequests: it must wait; nothing was counted.
    """
    rate = limit.rate
    if rate is None:
        return
    cost, moment = min(cost, rate.burst), _seconds(now)
    table = _table(limit)
    wait = table.spend(subject, rate, cost=cost, now=moment)
    if wait <= 0 and limit.is_shared:
        wait = spend_in_database(limit.name, subject, rate, cost=cost)
        if wait > 0:
            table.refuse_for(wait, subject, rate, cost=cost, now=moment)
    if wait > 0:
        raise TooManyRequests(limit, rate, wait_seconds=wait)


def reserve(limit: RateLimit, subject: str, *, now: datetime) -> None:
    """Count in the memory of this process alone what may turn out to count nothing, such as a guess.

    Call it before looking, so that many at once are not all looked at; then `give_back` or `confirm`.

    Raises:
        TooManyRequests: it must wait; nothing was counted.
    """
    rate = limit.rate
    if rate is None:
        return
    wait = _table(limit).spend(subject, rate, cost=1, now=_seconds(now))
    if wait > 0:
        raise TooManyRequests(limit, rate, wait_seconds=wait)


def give_back(limit: RateLimit, subject: str, *, now: datetime) -> None:
    """Take back what was reserved."""
    rate = limit.rate
    if rate is not None:
        _table(limit).give_back(subject, rate, now=_seconds(now))


def confirm(limit: RateLimit, subject: str, *, now: datetime) -> None:
    """Let what was reserved count for all processes, if they count together.

    Raises:
        TooManyRequests: others have used up what there was.
    """
    rate = limit.rate
    if rate is None or not limit.is_shared:
        return
    wait = spend_in_database(limit.name, subject, rate, cost=1)
    if wait > 0:
        _table(limit).refuse_for(wait, subject, rate, cost=1, now=_seconds(now))
        raise TooManyRequests(limit, rate, wait_seconds=wait)


def check(limit: RateLimit, subject: str, *, now: datetime, in_database: bool = False) -> None:
    """Refuse a subject that has used up what it may, and count nothing.

    For what counts only when it fails, such as guesses, or only when it succeeds: `check` before, `require`
    after. Looks into the memory of this process alone, unless `in_database` asks what all have counted.

    Raises:
        TooManyRequests: it must wait.
    """
    rate = limit.rate
    if rate is None:
        return
    wait = _table(limit).get_wait(subject, rate, now=_seconds(now))
    if wait <= 0 and in_database:
        wait = get_wait_in_database(limit.name, subject, rate)
    if wait > 0:
        raise TooManyRequests(limit, rate, wait_seconds=wait)


def has_counted(limit: RateLimit, subject: str) -> bool:
    """Say whether this process has counted anything for a subject lately; if not, it need not wait."""
    return subject in _table(limit)


def clear_rate_limits() -> None:
    """Forget what this process has counted."""
    with _tables_lock:
        _tables.clear()


@lru_cache(maxsize=256)
def _build_rate(count: int, seconds: int, burst: int) -> Rate:
    return Rate(count, seconds, burst)


_START = time.time()
_tables: dict[str, BudgetTable] = {}
_tables_lock = threading.Lock()


def _seconds(moment: datetime) -> float:
    """Return a moment as a small number, since the rates of large floats do not add up."""
    return moment.timestamp() - _START


def _table(limit: RateLimit) -> BudgetTable:
    table = _tables.get(limit.name)
    if table is None:
        with _tables_lock:
            table = _tables.setdefault(limit.name, BudgetTable())
    return table
