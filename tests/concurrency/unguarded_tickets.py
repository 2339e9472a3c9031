"""The controls of tickets that go from hand to hand: the same races, without lock and without guard."""

from __future__ import annotations

import threading
from typing import Any
from unittest.mock import patch

from kassa.tickets import locks
from kassa.tickets.domain import new_code, transfer
from tests.concurrency.tellers import at_once
from tests.concurrency.unguarded import FOR_UPDATE, on_database
from tests.tickets.holders import Holders

SECONDS = 30.0
GUARD = "AND code = %s AND status = %s"
"""What of the statement that ends a code would refuse a ticket that has changed since it was read."""


def accept_what_was_given_back(database: str, has_guard: bool) -> tuple[list[str], str, int]:
    """Let a ticket be given back between another's reading and accepting it, without its lock.

    Return what both were told, the ticket's status, and how many codes it had before.
    """
    with on_database(database):
        holders = Holders()
        offer = holders.offer()
        has_read, is_given_back = threading.Event(), threading.Event()
        replace = new_code.replace_code

        def replace_late(*args: Any, **kwargs: Any) -> int:
            has_read.set()
            assert is_given_back.wait(SECONDS)
            return replace(*args, **kwargs)

        def refund() -> None:
            assert has_read.wait(SECONDS)
            holders.refund()
            is_given_back.set()

        with (
            patch.object(locks, "LOCK_TICKETS", locks.LOCK_TICKETS.replace(FOR_UPDATE, "")),
            patch.object(new_code, "REPLACE_CODE", new_code.REPLACE_CODE if has_guard else _unguarded()),
            patch.object(transfer, "replace_code", replace_late),
        ):
            told = at_once(lambda: holders.accept(offer), refund)
        return told, holders.ticket.status, len(holders.former())


def _unguarded() -> str:
    assert GUARD in new_code.REPLACE_CODE
    return new_code.REPLACE_CODE.replace(GUARD, "AND (%s::text, %s::text) IS NOT NULL")
