"""Many gates, one ticket: exactly one of them lets in, and nothing that happened is lost.

The controls take the lock away, where the unique key still refuses, and then both, where it has to go wrong.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections

from kassa.admission.domain import scan as scanning
from kassa.admission.domain.book import Book
from kassa.admission.models import Conflict, Scan
from kassa.admission.models.scans import ONE_SCAN_PER_TURN
from kassa.core.errors import KassaError
from kassa.orders.models import Ticket
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from kassa.tickets.domain.reissue import reissue_ticket
from tests.admission.hall import Hall
from tests.payments.money import paid_order
from tests.support.books import assert_books_balance
from tests.support.factories import line

pytestmark = pytest.mark.django_db(transaction=True)

GATES = 6
Act = Callable[[], Any]


@pytest.fixture
def hall(transactional_db: None) -> Hall:
    hall = Hall()
    assert hall.entrance
    assert hall.guard
    return hall


def at_once(acts: Sequence[Act]) -> list[Any]:
    """Do everything at the same moment, each on a connection of its own; return what came of it."""
    start = threading.Barrier(len(acts))

    def do(act: Act) -> Any:
        start.wait(timeout=30)
        try:
            return act()
        except (KassaError, IntegrityError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(do, acts))


def accepted(answers: Iterable[Any]) -> int:
    return sum(1 for answer in answers if isinstance(answer, dict) and answer["accepted"])


def chain(hall: Hall, ticket: Ticket) -> int:
    return Scan.objects.of(hall.id).filter(ticket_id=ticket.id, turn__isnull=False).count()


def test_gates_that_scan_the_same_tickets_let_each_in_once(hall: Hall) -> None:
    tickets = hall.issue(12)

    def gate(seed: int) -> list[dict[str, Any]]:
        mixed = random.Random(seed).sample(tickets, len(tickets))
        return [hall.scan(ticket, gate=f"Gate {seed}") for ticket in mixed]

    answers = [
        answer for gates in at_once([partial(gate, seed) for seed in range(GATES)]) for answer in gates
    ]

    results = Counter((answer["ticket"]["id"], answer["result"]) for answer in answers)
    assert results == {
        **{(str(ticket.id), "valid"): 1 for ticket in tickets},
        **{(str(ticket.id), "already_used"): GATES - 1 for ticket in tickets},
    }
    assert [chain(hall, ticket) for ticket in tickets] == [1] * len(tickets)
    assert_books_balance(hall.id)


def test_batches_in_any_order_keep_everybody_who_was_let_in(hall: Hall) -> None:
    tickets = hall.issue(15)
    batches = [
        [hall.wanted(ticket, let_in=True) for ticket in random.Random(seed).sample(tickets, len(tickets))]
        for seed in range(4)
    ]

    answers = at_once(
        [
            *(partial(hall.merge, *batch) for batch in batches),
            *(partial(hall.scan, ticket) for ticket in tickets[:3]),
        ]
    )

    online = answers[len(batches) :]
    merged = [one for answer in answers[: len(batches)] for one in answer]
    assert accepted(online) + accepted(merged) == len(tickets)
    assert [one["conflict"] for one in merged] == [not one["accepted"] for one in merged]
    assert Conflict.objects.of(hall.id).count() == len(merged) - accepted(merged)
    assert_books_balance(hall.id)


def test_one_scan_sent_many_times_at_once_is_one_scan(hall: Hall) -> None:
    ticket, scan_id = hall.ticket(), uuid4()
    answers = at_once([lambda: hall.scan(ticket, id=scan_id)] * GATES)
    assert [(one["id"], one["result"]) for one in answers] == [(str(scan_id), "valid")] * GATES

    answers = at_once([lambda: hall.scan("NOTHING", id=ticket.id)] * GATES)
    assert [one["result"] for one in answers] == ["unknown"] * GATES
    assert hall.scans() == 2


def test_entry_is_undone_once(hall: Hall) -> None:
    ticket = hall.ticket()
    entry = hall.scan(ticket)

    answers = at_once([lambda: hall.undo(entry)] * GATES)

    assert accepted(answers) == 1
    assert {one.code for one in answers if isinstance(one, KassaError)} == {"not_last_scan"}
    assert (hall.inside(ticket), hall.again(ticket).status) == ((0, False), "valid")
    assert_books_balance(hall.id)


def test_ticket_is_let_in_or_given_back_or_replaced_first(hall: Hall) -> None:
    """Whichever comes first, the other finds it so; and whoever waits gets an answer."""
    for _ in range(4):
        order = paid_order(hall, line(hall.standing, 2))
        back, lost = Ticket.objects.of(hall.id).filter(order_id=order.id).order_by("id")
        command = RefundCommand(RefundSelection(tickets=(back.id,)))

        scanned_back, refund, scanned_lost, _ = at_once(
            [
                partial(hall.scan, back),
                partial(refund_order, hall.context(), order.id, command=command),
                partial(hall.scan, lost),
                partial(reissue_ticket, hall.context(), lost.id),
            ]
        )

        assert scanned_back["result"] in {"valid", "refunded"}
        assert hall.again(back).status == ("used" if isinstance(refund, KassaError) else "refunded")
        assert scanned_lost["result"] in {"valid", "reissued"}
        assert hall.again(lost).status == ("used" if scanned_lost["accepted"] else "valid")
    assert_books_balance(hall.id)


# The controls.


NO_LOCK = "SELECT id FROM orders_ticket WHERE organization_id = %s AND id = ANY(%s::uuid[])"


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the lock of tickets away, and the second try: two gates look before either writes."""
    both = threading.Barrier(2)

    monkeypatch.setattr("kassa.admission.domain.look_up.LOCK_TICKETS", NO_LOCK)

    def meet(attempt: Callable[[], Any]) -> Any:
        return attempt()

    monkeypatch.setattr(scanning, "try_again", meet)
    write = Book.write

    def write_together(book: Any, database: Any) -> None:
        both.wait(timeout=30)
        write(book, database)

    monkeypatch.setattr(Book, "write", write_together)


@pytest.fixture
def keyless(transactional_db: None) -> Iterator[None]:
    """Take the unique key of turns away."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [ONE_SCAN_PER_TURN])
        [definition] = cursor.fetchone()
        cursor.execute(f"DROP INDEX {ONE_SCAN_PER_TURN}")
        yield
        cursor.execute("TRUNCATE admission_scan, admission_conflict, admission_presence")
        cursor.execute(definition)


@pytest.mark.usefixtures("unlocked")
def test_control_without_the_lock_the_key_refuses(hall: Hall) -> None:
    ticket = hall.ticket()

    answers = at_once([lambda: hall.scan(ticket)] * 2)

    assert accepted(answers) == 1
    [refused] = [one for one in answers if not isinstance(one, dict)]
    assert isinstance(refused, IntegrityError)
    assert ONE_SCAN_PER_TURN in str(refused)
    assert chain(hall, ticket) == 1


@pytest.mark.usefixtures("unlocked", "keyless")
def test_control_without_lock_and_key_both_are_let_in(hall: Hall) -> None:
    ticket = hall.ticket()

    answers = at_once([lambda: hall.scan(ticket)] * 2)

    assert accepted(answers) == 2
    with pytest.raises(AssertionError, match="turns"):
        assert_books_balance(hall.id)
