"""Delivering what waits in a table: claimed for a while, tried, tried again later, and given up in the end.

A row is due once its time has come. A claim counts the try and moves the time away, by a lease, so that other
workers leave the row alone; that of a worker that is killed falls due again when its lease is over. Between a
delivery and its mark lies a window in which a kill delivers twice: what is sent needs an id of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection, models

from kassa.core.database import plain_array, statements
from kassa.core.jobs import ShouldStop, never_stop
from kassa.core.tenancy import TenantModel

R = TypeVar("R")

WORKED_ON = 0.4
"""The share of a lease for which a batch is worked on: the last try may take as long again, and more."""


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait after each try that has failed, and after how many a row is given up."""

    delays: Sequence[timedelta]
    """After the first, the second … try; the last one holds for all further ones."""
    max_tries: int | None = None
    """None: it is tried for ever."""

    def is_over(self, tries: int) -> bool:
        """Say whether a row is given up that has been tried so often."""
        return self.max_tries is not None and tries >= self.max_tries

    def next_try_at(self, tries: int, *, now: datetime) -> datetime | None:
        """Return when a row is tried again that has been tried so often; None: it is given up."""
        return None if self.is_over(tries) else now + self.delays[min(tries, len(self.delays)) - 1]


class Batch(Generic[R]):
    """Rows that a worker has claimed, to be gone through one by one or dealt with all together.

    Going through them ends between two rows once the worker has to stop, or the lease may not last for
    another one. What was not begun then is given back by the loop that the batch comes from.
    """

    pause = timedelta(0)
    """How long what is given back rests before it is due again."""

    def __init__(
        self, rows: Sequence[R], *, claimed_at: datetime, lease: timedelta, should_stop: ShouldStop
    ) -> None:
        self.rows = rows
        self.claimed_at = claimed_at
        self._should_stop = should_stop
        self._begun = 0
        self._is_stopped = False
        self._ends_at = time.monotonic() + lease.total_seconds() * WORKED_ON

    def __iter__(self) -> Iterator[R]:
        while self._begun < len(self.rows) and not self._is_stopped:
            if self._should_stop() or (self._begun and time.monotonic() >= self._ends_at):
                return
            self._begun += 1
            yield self.rows[self._begun - 1]

    def take_rest(self) -> Sequence[R]:
        """Return the rows that were not begun, and count them as begun: they are not given back."""
        rest, self._begun = self.rows[self._begun :], len(self.rows)
        return rest

    def stop(self) -> None:
        """Begin no other row, and have the loop claim no other batch."""
        self._is_stopped = True

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more is to be claimed."""
        return self._is_stopped


class DeliveryQueue:
    """A table whose rows are delivered by several workers at once, each row by one of them.

    Args:
        model: whose rows they are; of a tenant's, those of one organisation are claimed at a time.
        back_off: how long to wait after a failure.
        lease: for how long a claimed row is left alone by others. None: until its next try would be due, so
            that a failure needs no further mark.
        due_at, tries: the columns with the moment (None: not to be delivered) and the count.
        condition: SQL that is true of rows that may be claimed, or given back.
        claim: SQL assignments beside those to the two columns.
        give_back: SQL assignments that undo those of a claim; ``d`` is the row. Empty: the try is taken off.
        order_by: SQL, which of those that are due come first.
        returning: SQL, what a claim returns beside ``id`` and ``tries``.
    """

    def __init__(
        self,
        model: type[models.Model],
        *,
        back_off: BackOff,
        lease: timedelta | None = None,
        due_at: str = "next_try_at",
        tries: str = "tries",
        condition: str = "TRUE",
        claim: str = "",
        give_back: str = "",
        order_by: str = "next_try_at, id",
        returning: str = "",
    ) -> None:
        table = model._meta.db_table
        scope = "{}organization_id = %(organization)s" if issubclass(model, TenantModel) else "TRUE"
        leases = [one.total_seconds() for one in (back_off.delays if lease is None else [lease])]
        self.back_off = back_off
        self._lease = timedelta(seconds=min(leases))
        self._claim = f"""
            WITH due AS MATERIALIZED (
                SELECT id FROM {table} WHERE {scope.format("")} AND {condition} AND {due_at} <= %(due)s
                ORDER BY {order_by} LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE {table} d SET {", ".join(filter(None, [f"{tries} = d.{tries} + 1", claim]))},
                {due_at} = %(now)s::timestamptz
                    + (ARRAY{leases}::float8[])[least(d.{tries} + 1, {len(leases)})] * interval '1 second'
            FROM due WHERE {scope.format("d.")} AND d.id = due.id
            RETURNING {", ".join(filter(None, ["d.id", f"d.{tries} AS tries", returning]))}
        """  # noqa: S608 - of names in the source alone
        # Whoever has lost the claim meanwhile gives nothing back: the count of tries says whose it is.
        self._give_back = f"""
            UPDATE {table} d SET {due_at} = %(due)s, {give_back or f"{tries} = d.{tries} - 1"}
            FROM unnest(%(ids)s::uuid[], %(tries)s::int[]) AS claimed(id, tries)
            WHERE {scope.format("d.")} AND d.id = claimed.id
                AND d.{tries} = claimed.tries AND {condition} AND d.{due_at} IS NOT NULL
        """  # noqa: S608

    def batches(
        self,
        organization_id: UUID | None,
        *,
        limit: int,
        now: datetime,
        should_stop: ShouldStop = never_stop,
        load: Callable[[Sequence[Any]], Sequence[Any]] = lambda rows: rows,
    ) -> Iterator[Batch[Any]]:
        """Claim what is due and yield it batch by batch, until nothing is due or the worker has to stop.

        What fails meanwhile is left to a later turn, even if it is due again. A batch that fails as a whole
        ends the loop, and falls due again with its lease.

        Args:
            load: makes of the claimed rows (with ``id`` and ``tries``) what the batch is to hold.
        """
        began, claimed_at = time.monotonic(), now
        while not should_stop():
            rows = self.claim(organization_id, limit=limit, due=now, now=claimed_at)
            batch = Batch(load(rows), claimed_at=claimed_at, lease=self._lease, should_stop=should_stop)
            if rows:
                yield batch
            # A turn may last: what is claimed late in it is held for as long as what is claimed first.
            claimed_at = now + timedelta(seconds=time.monotonic() - began)
            rest = {row.id for row in batch.take_rest()}
            given_back = [row for row in rows if row.id in rest]
            self.give_back(organization_id, given_back, due=claimed_at + batch.pause)
            if batch.is_stopped or len(rows) < limit:
                return

    def claim(
        self, organization_id: UUID | None, *, limit: int, now: datetime, due: datetime | None = None
    ) -> list[Any]:
        """Claim rows for a lease, those that came first first; return them in the order of their ids.

        Args:
            now: what the lease is counted from.
            due: claim what was due then. None: now.
        """
        values = {"organization": organization_id, "limit": limit, "due": due or now, "now": now}
        with connection.wrap_database_errors:
            claimed = statements().queue(self._claim, values, named=True).fetchall()
        return sorted(claimed, key=lambda row: row.id)

    def give_back(self, organization_id: UUID | None, rows: Sequence[Any], *, due: datetime) -> None:
        """Leave claimed rows to other workers, as if they had not been claimed; due then."""
        if not rows:
            return
        values = {
            "organization": organization_id,
            "due": due,
            "ids": plain_array([row.id for row in rows]),
            "tries": plain_array([row.tries for row in rows]),
        }
        with connection.wrap_database_errors:
            statements().queue(self._give_back, values)
