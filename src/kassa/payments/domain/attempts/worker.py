"""Going through attempts one by one, so that none that fails keeps the others from being looked at."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, connection

from kassa.core.errors import KassaError
from kassa.core.jobs import ShouldStop
from kassa.core.secrets import SecretUnreadable
from kassa.orders.domain.payment import is_payment_awaited
from kassa.payments.models import PaymentAttempt
from kassa.payments.providers.calls import NotAsked
from kassa.payments.providers.protocol import ProviderUnreachable

DISTANCES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60))
"""How long after each look a provider is asked again; the last one from then on."""
AWAITED_DISTANCE = timedelta(minutes=1)
"""How long after each look at most, while an order whose hold is over waits for the answer."""
MOST_CHECKS = 32_000
"""Above it the column that counts them would overflow."""

logger = logging.getLogger("kassa.payments")


def work_through(
    organization_id: UUID,
    attempts: Iterable[PaymentAttempt],
    work: Callable[[PaymentAttempt], None],
    *,
    now: datetime,
    should_stop: ShouldStop,
) -> int:
    """Do something with each attempt that calls its provider; return how many were done.

    A provider that does not answer is left alone for the rest of the round: waiting for it again and
    again would keep the worker from everybody else. What failed is put off.
    """
    silent: set[str] = set()
    done = 0
    for attempt in attempts:
        if should_stop():
            break
        if attempt.provider in silent:
            continue
        try:
            with connection.wrap_database_errors:
                work(attempt)
            done += 1
        except NotAsked:
            silent.add(attempt.provider)
            _note_silence(organization_id, attempt, now)
        except ProviderUnreachable:
            silent.add(attempt.provider)
            postpone(organization_id, attempt, now=now)
            _note_silence(organization_id, attempt, now)
        except (KassaError, DatabaseError, SecretUnreadable) as error:
            logger.warning("Attempt %s at %s is put off: %s", attempt.id, attempt.provider, error)
            connection.close_if_unusable_or_obsolete()
            postpone(organization_id, attempt, now=now)
    return done


def _note_silence(organization_id: UUID, attempt: PaymentAttempt, now: datetime) -> None:
    unanswered = PaymentAttempt.objects.of(organization_id).filter(id=attempt.id, unanswered_since=None)
    unanswered.update(unanswered_since=now)


def postpone(organization_id: UUID, attempt: PaymentAttempt, *, now: datetime) -> None:
    """Ask the provider about an attempt again later, after ever longer times."""
    distance = DISTANCES[min(attempt.checks, len(DISTANCES) - 1)]
    if is_payment_awaited(attempt.order, now):
        distance = min(distance, AWAITED_DISTANCE)
    PaymentAttempt.objects.of(organization_id).filter(id=attempt.id).update(
        check_at=now + distance, checks=min(attempt.checks + 1, MOST_CHECKS)
    )
