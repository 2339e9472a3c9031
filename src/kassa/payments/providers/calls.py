"""The one way to a provider: no transaction open, no connection kept, and never more calls than are good.

A provider that is slow or dead for one organisation must not take the threads from the others. So each
organisation has a line of its own to each provider, with room for a few calls at once; and a line on which
nobody answered several times in a row is not tried for a while, but for one call that finds out.
The lines are those of one process; nobody else is asked.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar
from uuid import UUID

from django.db import connection

from kassa.core.database import give_back_connection
from kassa.core.errors import KassaError
from kassa.payments.providers.protocol import Provider, ProviderRefused, ProviderUnreachable

CALLS_AT_ONCE = 4
FAILURES_IN_A_ROW = 5
REST_SECONDS = 10.0
"""How long a provider that did not answer is left alone."""

T = TypeVar("T")
logger = logging.getLogger("kassa.payments")


class NotAsked(ProviderUnreachable):
    """The provider was not even asked: too many wait for it, or it did not answer a moment ago."""


@dataclass(slots=True)
class _Line:
    """How one organisation's calls to one provider are going."""

    calls: int = 0
    failures: int = 0
    rests_until: float = 0.0


class Lines:
    """The lines to providers of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._lines: dict[tuple[UUID, str], _Line] = {}

    def enter(self, key: tuple[UUID, str]) -> None:
        """Take room for a call. Raises NotAsked: there is none, or the provider is left alone."""
        with self._lock:
            line = self._lines.setdefault(key, _Line())
            if line.calls >= CALLS_AT_ONCE:
                raise NotAsked(f"{CALLS_AT_ONCE} calls to {key[1]} wait for an answer already.")
            if line.failures >= FAILURES_IN_A_ROW:
                now = self._clock()
                if now < line.rests_until:
                    raise NotAsked(f"{key[1]} did not answer {line.failures} times in a row.")
                # This call finds out how it is; the others wait as long again.
                line.rests_until = now + REST_SECONDS
            line.calls += 1

    def leave(self, key: tuple[UUID, str], *, answered: bool) -> None:
        """Give the room back and note how the call went."""
        with self._lock:
            line = self._lines[key]
            line.calls -= 1
            line.failures = 0 if answered else line.failures + 1
            if line.failures >= FAILURES_IN_A_ROW:
                line.rests_until = self._clock() + REST_SECONDS
            if not line.calls and not line.failures:
                del self._lines[key]

    def clear(self) -> None:
        """Forget how calls went."""
        with self._lock:
            for line in self._lines.values():
                line.failures = 0


LINES = Lines()


def call(provider: Provider, organization_id: UUID, function: Callable[..., T], *arguments: object) -> T:
    """Call a provider's function for an organisation, and return what it says.

    Raises:
        ProviderRefused: the provider said no to opening an attempt; to nothing else it can.
        ProviderUnreachable: it is not known whether it did what was asked.
        NotAsked: it was not asked, for the sake of everybody else.
        RuntimeError: a transaction is open: a mistake of ours.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A provider is never called within a transaction: its locks would wait as well.")
    give_back_connection()
    key = (organization_id, provider.name)
    LINES.enter(key)
    answered = False
    try:
        answer = function(*arguments)
        answered = True
    except KassaError:
        answered = True
        raise
    except ProviderRefused as refusal:
        answered = True
        if function == provider.open:
            raise
        # Nobody who asks for anything else is prepared for it: what was asked stays to be done.
        logger.warning("Payment provider %s refused organisation %s: %s", *reversed(key), refusal)
        raise ProviderUnreachable(refusal.message) from refusal
    except ProviderUnreachable as error:
        logger.warning("Payment provider %s does not answer organisation %s: %s", *reversed(key), error)
        raise
    except Exception as error:
        # A provider may be anybody's code: what it does not expect must not end the work of others.
        logger.exception("Payment provider %s failed for organisation %s.", *reversed(key))
        raise ProviderUnreachable(f"{provider.name} failed: {type(error).__name__}") from error
    finally:
        LINES.leave(key, answered=answered)
    return answer
