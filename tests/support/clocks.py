"""Machines whose clocks are wrong, played by this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from kassa.core import clock, ids

MILLISECONDS_AT = 80


@contextmanager
def machine_clock_ahead(by: timedelta) -> Iterator[None]:
    """Be a process that just started, on a machine whose clock is ahead of the true time.

    Until it has measured the database's clock it goes by its own.
    """
    shift = round(by / timedelta(milliseconds=1))
    process = clock.process_clock
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "machine_time", lambda: datetime.now(UTC) + by)
        patch.setattr(ids, "uuid7", lambda: UUID(int=uuid7().int + (shift << MILLISECONDS_AT)))
        patch.setattr(process, "offset", timedelta(0))
        patch.setattr(process, "shift_ms", 0)
        patch.setattr(process, "_latest", datetime.min.replace(tzinfo=UTC))
        yield


@contextmanager
def machines_that_disagree(*seconds: float) -> Iterator[None]:
    """Let every command run on another machine, in turn, whose clock is so many seconds ahead.

    A command asks once what time it is, when it begins; the identifiers it makes are its machine's.
    """
    machines = cycle([timedelta(seconds=one) for one in seconds])
    ahead = timedelta(0)

    def now() -> datetime:
        nonlocal ahead
        ahead = next(machines)
        return datetime.now(UTC) + ahead

    def new_uuid() -> UUID:
        return UUID(int=uuid7().int + (round(ahead / timedelta(milliseconds=1)) << MILLISECONDS_AT))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock.process_clock, "now", now)
        patch.setattr(ids, "uuid7", new_uuid)
        yield
