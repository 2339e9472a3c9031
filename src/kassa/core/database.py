"""PostgreSQL as the hot statements use it: pipelines, prepared statements, whole sets of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from psycopg import errors as postgres
from psycopg.rows import namedtuple_row, tuple_row

NOT_ANSWERED = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError)
LOST = ("08", "57P")
"""How the SQL states begin of connections that are gone, and of servers that go or come up."""
PASSING = ("25P03", "40001", "40P01", "55P03")
"""A session stood still within its transaction for too long; others changed or locked the same rows."""


class Statements:
    """Runs statements on the current transaction's connection, prepared, several in one trip."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self._raw = raw

    def queue(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), *, named: bool = False
    ) -> psycopg.Cursor[Any]:
        """Send a statement without waiting; fetch from the cursor once the trip is over."""
        cursor: psycopg.Cursor[Any] = psycopg.Cursor(
            self._raw, row_factory=namedtuple_row if named else tuple_row
        )
        return cursor.execute(sql, parameters, prepare=True)

    @contextmanager
    def trip(self) -> Iterator[None]:
        """Send what is queued inside in one round trip, and wait for all of it at the end."""
        with self._raw.pipeline():
            yield


def statements() -> Statements:
    """Return the current connection's statements, behind Django's own transaction."""
    connection.ensure_connection()
    raw = connection.connection
    if raw.prepare_threshold is None:
        raw.prepare_threshold = 5
    return Statements(raw)


def give_back_connection() -> None:
    """Return this thread's connection to the pool before waiting for something else that needs one.

    Without this, as many waiting requests as the pool has connections would keep the very
    writer they wait for from getting one. Inside a transaction nothing is given back.
    """
    if not connection.in_atomic_block:
        connection.close()


def is_lost(error: BaseException) -> bool:
    """Say whether an error means that the database does not answer."""
    cause = error.__cause__ or error
    if not isinstance(cause, NOT_ANSWERED):
        return False
    sqlstate = getattr(cause, "sqlstate", None)
    return sqlstate is None or sqlstate.startswith(LOST)


def is_passing(error: BaseException) -> bool:
    """Say whether the same may well succeed in a moment."""
    cause = error.__cause__ or error
    return is_lost(error) or (isinstance(cause, psycopg.Error) and cause.sqlstate in PASSING)


def plain_array(values: Iterable[object]) -> str:
    """Return an array literal of values that need no quoting: identifiers, numbers, enums, moments."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def text_array(values: Iterable[str | None]) -> str:
    """Return an array literal of any texts; psycopg's own quoting costs ten times as much."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if '"' in text:
        text = text.replace('"', '\\"')
    return f'"{text}"'


def violated_constraint(error: IntegrityError) -> str:
    """Return the name of the constraint that the database says was broken, or an empty text."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, postgres.IntegrityError) else ""
