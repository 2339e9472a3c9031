"""Crowds of buyers within one process: every one a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.orders.domain.expire import expire_orders
from kassa.orders.enums import OrderStatus
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.sales.desk import SalesDesk
from kassa.sales.domain.outcome import Outcome, Placed
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import OrderRequest
from tests.concurrency.processes import start_together

STACK_BYTES = 512 * 1024
"""A thousand threads need no more each."""
PATIENCE = 60.0
DIRECT_THREADS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a buyer was told: ``placed``, or the code of the refusal."""

    code: str
    order_id: UUID | None = None
    document: bytes = b""
    replayed: bool = False


def answer_of(outcome: Outcome) -> Answer:
    if isinstance(outcome, Placed):
        return Answer("placed", outcome.order_id, outcome.document, outcome.replayed)
    return Answer(outcome.code)


def codes(answers: Sequence[Answer]) -> dict[str, int]:
    """Return how many were told what."""
    return dict(Counter(answer.code for answer in answers))


def at_the_desk(requests: Sequence[OrderRequest]) -> list[Answer]:
    """Let every buyer wait at one desk at the same moment, each in a thread."""
    desk = SalesDesk(batch_size=64, writers=2, queue_limit=len(requests), wait_seconds=PATIENCE)
    return _all_at_once([partial(_ask, desk, wanted) for wanted in requests])


def _ask(desk: SalesDesk, wanted: OrderRequest) -> Answer:
    return answer_of(desk.place(wanted))


def without_a_desk(requests: Sequence[OrderRequest]) -> list[Answer]:
    """Let a few threads place the orders one by one, each in a transaction of its own."""
    shares = [requests[start::DIRECT_THREADS] for start in range(min(DIRECT_THREADS, len(requests)))]
    answers = _all_at_once([partial(_place_each, share) for share in shares])
    return [answer for share in answers for answer in share]


def _place_each(requests: Sequence[OrderRequest]) -> list[Answer]:
    return [
        answer_of(place_orders(wanted.actor.organization_id, [wanted], now=utc_now())[0])
        for wanted in requests
    ]


def move_each(kind: str, organization_id: UUID, order_ids: Sequence[UUID], now: datetime) -> dict[UUID, str]:
    """Confirm, cancel or expire orders, each in a thread; return what was said to each."""
    move = {"confirm": confirm, "cancel": cancel, "expire": expire}[kind]
    answers = _all_at_once([partial(move, organization_id, one, now) for one in order_ids])
    return dict(zip(order_ids, answers, strict=True))


def confirm(organization_id: UUID, order_id: UUID, now: datetime) -> str:
    context = CommandContext(actor=Actor.system(organization_id), now=now)
    return _said(lambda: change_status(context, order_id, to_status=OrderStatus.CONFIRMED)["status"])


def cancel(organization_id: UUID, order_id: UUID, now: datetime) -> str:
    context = CommandContext(actor=Actor.system(organization_id), now=now, reason="Changed her mind.")
    return _said(lambda: cancel_order(context, order_id)["status"])


def expire(organization_id: UUID, _order_id: UUID, now: datetime) -> str:
    return str(expire_orders(organization_id, now=now))


def _said(act: Callable[[], str]) -> str:
    try:
        return act()
    except KassaError as error:
        return error.code


def _all_at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start a thread for each act, let all go together with those of the other processes, and collect."""
    go = threading.Event()
    results: list[Any] = [None] * len(acts)

    def run(index: int) -> None:
        go.wait(PATIENCE)
        try:
            results[index] = acts[index]()
        except Exception as error:  # noqa: BLE001 (told to the test, which compares it)
            results[index] = Answer(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    with small_stacks():
        threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(len(acts))]
        for thread in threads:
            thread.start()
    start_together()
    go.set()
    for thread in threads:
        thread.join(PATIENCE)
    return results


@contextmanager
def small_stacks() -> Iterator[None]:
    previous = threading.stack_size(STACK_BYTES)
    yield
    threading.stack_size(previous)
