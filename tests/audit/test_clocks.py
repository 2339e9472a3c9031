"""Order rests on no two clocks: the books balance though every command ran on a machine with another one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection

from kassa.audit import orders, tickets
from kassa.audit.check import Check
from kassa.audit.run import Finding, look
from kassa.orders.models import OrderHistory
from kassa.tickets.models import Transfer
from tests.audit.village import Village
from tests.support.books import assert_books_balance
from tests.support.clocks import machines_that_disagree
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db

CLOCKS = ((1, 0, -5), (0, 1, -5, -5, 1), (-5, 1))
"""How many seconds ahead the machines are that take turns."""


@pytest.mark.parametrize("seconds", CLOCKS)
def test_books_balance_whatever_the_clocks_of_machines_say(seconds: tuple[float, ...]) -> None:
    with machines_that_disagree(*seconds):
        village = Village()

    assert_books_balance(village.organization_id)
    by_identifier = {"ORDER BY h.position": "ORDER BY h.id", "OR h.position <> h.nth": ""}
    control = _changed(orders.HISTORY, by_identifier)
    assert _found(control, village.organization_id)


def test_histories_never_go_back() -> None:
    with machines_that_disagree(1, 0, -5):
        village = Village()

    changes = OrderHistory.objects.of(village.organization_id)
    for order in village.orders.values():
        of_order = list(changes.filter(order_id=order.id).order_by("position"))
        assert [change.position for change in of_order] == list(range(1, len(of_order) + 1))
        assert [change.from_status for change in of_order[1:]] == [
            change.to_status for change in of_order[:-1]
        ]
        moments = [change.created_at for change in of_order]
        assert moments == sorted(moments)


def test_the_last_transfer_is_the_last_that_was_accepted() -> None:
    """Also where the machine that accepted it thinks that it was the first."""
    with machines_that_disagree(0):
        holders = Holders()
    with machines_that_disagree(1):
        holders.accept(holders.offer("ben@example.com"))
    with machines_that_disagree(-5):
        holders.accept(holders.offer("cleo@example.com"))

    first, last = Transfer.objects.of(holders.id).order_by("ended_code_position")
    assert (first.to_email, last.to_email) == ("ben@example.com", "cleo@example.com")
    assert_books_balance(holders.id)
    assert first.ended_at is not None
    assert last.ended_at is not None
    assert first.ended_at > last.ended_at  # the control: by their moments they are the other way round
    control = _changed(tickets.TRANSFERS, {"a.ended_code_position DESC": "a.ended_at DESC"})
    assert _found(control, holders.id)


def _changed(check: Check, texts: dict[str, str]) -> Check:
    """Return a check as it was when it went by what clocks say."""
    sql = check.sql
    for text, instead in texts.items():
        assert text in sql
        sql = sql.replace(text, instead)
    return replace(check, sql=sql)


def _found(check: Check, organization_id: UUID) -> list[Finding]:
    with connection.cursor() as cursor:
        return list(look(cursor, check, organization_id))
