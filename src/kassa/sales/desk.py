"""The sales desk: orders that wait at the same moment are placed in one transaction.

Each organisation has its own line. A few writers, each with its own connection, take
everything that waits in a line (up to a limit) and place it as one batch, so that under an
on-sale the cost of a transaction, and the lock on the row that everyone wants, is shared by
all who wait; a lone order is a batch of one, and the same code. One line is served by one
writer at a time, because two batches of one organisation would only wait for each other.

Waiting is bounded in number and in time. An order that gives up while it still waits is
taken out of the line; one that is being placed is placed, and a repetition with the same
idempotency key finds it.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from datetime import datetime
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from kassa.core.clock import utc_now
from kassa.core.database import give_back_connection
from kassa.core.errors import Busy, KassaError
from kassa.sales.domain.outcome import Outcome
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import OrderRequest
from kassa.sales.errors import DeskBusy

logger = logging.getLogger("kassa.sales")


class _Waiting:
    """One order in a line."""

    __slots__ = ("done", "outcome", "request")

    def __init__(self, request: OrderRequest) -> None:
        self.request = request
        self.outcome: Outcome | None = None
        self.done = threading.Lock()
        self.done.acquire()


class SalesDesk:
    """Collects orders and places them in batches."""

    def __init__(self, *, batch_size: int, writers: int, queue_limit: int, wait_seconds: float) -> None:
        self._batch_size = batch_size
        self._writers = writers
        self._queue_limit = queue_limit
        self._wait_seconds = wait_seconds
        self._lines: dict[UUID, deque[_Waiting]] = {}
        self._ready: deque[UUID] = deque()
        """Organisations whose line has orders and no writer."""
        self._waiting = 0
        self._condition = threading.Condition()
        self._started = False

    def place(self, request: OrderRequest) -> Outcome:
        """Place one order together with whoever else waits; returns when it is in the books.

        Raises:
            DeskBusy: too many wait, or the turn did not come in time.
        """
        give_back_connection()
        waiting = _Waiting(request)
        organization_id = request.actor.organization_id
        with self._condition:
            if self._waiting >= self._queue_limit:
                raise DeskBusy
            self._start()
            self._waiting += 1
            line = self._lines.get(organization_id)
            if line is None:
                self._lines[organization_id] = deque((waiting,))
                self._ready.append(organization_id)
                self._condition.notify()
            else:
                line.append(waiting)
        if not waiting.done.acquire(timeout=self._wait_seconds):
            is_being_placed = not self._give_up(organization_id, waiting)
            # One that is being placed will be placed: its answer is worth waiting for.
            if not (is_being_placed and waiting.done.acquire(timeout=self._wait_seconds)):
                raise DeskBusy
        if waiting.outcome is None:
            raise DeskBusy
        return waiting.outcome

    def _give_up(self, organization_id: UUID, waiting: _Waiting) -> bool:
        """Take an order out of its line; say whether it still stood there."""
        with self._condition:
            line = self._lines.get(organization_id)
            if line is not None and waiting in line:
                line.remove(waiting)
                self._waiting -= 1
                return True
        return False

    def _start(self) -> None:
        if not self._started:
            self._started = True
            for number in range(self._writers):
                threading.Thread(target=self._write, name=f"kassa-desk-{number}", daemon=True).start()

    def _write(self) -> None:
        while True:
            with self._condition:
                while not self._ready:
                    self._condition.wait()
                organization_id = self._ready.popleft()
                line = self._lines[organization_id]
                batch = [line.popleft() for _ in range(min(len(line), self._batch_size))]
                self._waiting -= len(batch)
            if batch:
                outcomes = _place_surely(organization_id, [waiting.request for waiting in batch], utc_now())
                for waiting, outcome in zip(batch, outcomes, strict=True):
                    waiting.outcome = outcome
                    waiting.done.release()
            with self._condition:
                if self._lines[organization_id]:
                    self._ready.append(organization_id)
                    self._condition.notify()
                else:
                    del self._lines[organization_id]


def _place_surely(organization_id: UUID, requests: list[OrderRequest], now: datetime) -> list[Outcome]:
    """Place a batch; a lost connection is renewed once, and no error ever ends a writer."""
    for last_try in (False, True):
        try:
            return place_orders(organization_id, requests, now=now)
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            if last_try:
                logger.warning("%d orders could not be placed: %s", len(requests), error)
        except Exception:
            connection.close()
            logger.exception("%d orders could not be placed", len(requests))
            break
    refusal: KassaError = Busy(
        "The database does not answer just now. Send the order again, with the same key."
    )
    return [refusal for _ in requests]


@cache
def the_desk() -> SalesDesk:
    """Return this process's desk."""
    return SalesDesk(
        batch_size=settings.SALE_BATCH_SIZE,
        writers=settings.SALE_WRITERS,
        queue_limit=settings.SALE_QUEUE_LIMIT,
        wait_seconds=settings.SALE_WAIT_SECONDS,
    )
