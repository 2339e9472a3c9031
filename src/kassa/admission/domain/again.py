"""Trying a transaction again that another one was in the way of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, OperationalError
from psycopg import errors as postgres

from kassa.admission.models.scans import ONE_SCAN_PER_ID, ONE_SCAN_PER_TURN
from kassa.core.errors import Locked

T = TypeVar("T")

ATTEMPTS = 3
_RACED = (ONE_SCAN_PER_ID, ONE_SCAN_PER_TURN)


def try_again(attempt: Callable[[], T]) -> T:
    """Return what an attempt returns; one that lost a race against others begins anew, a few times.

    Lost is: a deadlock, a lock that was waited for too long, or the same scan at the same moment, which
    is then found as recorded.

    Raises:
        Locked: it lost every time.
    """
    for _ in range(ATTEMPTS):
        try:
            return attempt()
        except OperationalError as error:
            if not isinstance(error.__cause__, postgres.DeadlockDetected | postgres.LockNotAvailable):
                raise
        except IntegrityError as error:
            if not any(name in str(error) for name in _RACED):
                raise
    raise Locked("Others scan the same tickets just now. Send it again.")
