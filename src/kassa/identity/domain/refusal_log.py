"""Refused requests in the security log, bounded: a flood of them must not fill the table."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, transaction

from kassa.core.actor import Actor
from kassa.core.budgets import BudgetTable, Rate
from kassa.core.request_origin import current_origin
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind

logger = logging.getLogger("kassa.security")

REPEAT_SECONDS = 60.0
"""A refusal that one client repeats within this time is counted, not written again."""
MOST_PER_MINUTE = 30
"""How many refusals of one organisation a process writes per minute."""
RATE = Rate(MOST_PER_MINUTE, 60, MOST_PER_MINUTE)
MOST_REMEMBERED = 10_000


def record_refusal(
    kind: SecurityEventKind,
    *,
    now: datetime,
    organization_id: UUID | None = None,
    actor: Actor | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Record that a request was refused; what a client repeats is counted and added to its next entry.

    The refusal stands whether or not it can be recorded: a database that does not answer costs the entry.
    """
    facts = dict(details or {})
    client = actor.id if actor and actor.id else current_origin().address
    repeated = _budget.consume((kind, organization_id, client, *facts.values()), organization_id)
    if repeated is None:
        return
    if repeated:
        facts["repeated"] = repeated
    try:
        with transaction.atomic():
            record_security_event(kind, now=now, organization_id=organization_id, actor=actor, details=facts)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("A refusal could not be recorded: %s", error)


class _Budget:
    """What this process has written lately."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._refusals: dict[object, tuple[float, int]] = {}
        self._minutes = BudgetTable()

    def consume(self, refusal: object, organization_id: UUID | None) -> int | None:
        """Return how often a refusal was repeated since its last entry. None: write no entry now."""
        moment = time.monotonic()
        with self._guard:
            written_at, repeated = self._refusals.get(refusal, (-math.inf, 0))
            is_repeated = moment - written_at < REPEAT_SECONDS
            if is_repeated or self._minutes.spend(str(organization_id), RATE, cost=1, now=moment) > 0:
                self._remember(refusal, (written_at, repeated + 1))
                return None
            self._remember(refusal, (moment, 0))
            return repeated

    def clear(self) -> None:
        """Forget all, for tests."""
        with self._guard:
            self._refusals.clear()
            self._minutes = BudgetTable()

    def _remember(self, refusal: object, state: tuple[float, int]) -> None:
        if len(self._refusals) >= MOST_REMEMBERED:
            self._refusals.clear()
        self._refusals[refusal] = state


_budget = _Budget()
forget_refusals = _budget.clear
