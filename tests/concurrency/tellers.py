"""Several who move the same money at the same moment, each in a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.errors import KassaError
from kassa.payments.domain.refunds import event_refunds
from kassa.payments.domain.refunds.event_refunds import continue_event_refund
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from kassa.payments.domain.refunds.send import send_due_refunds
from kassa.payments.domain.webhooks.settle import settle_webhooks
from tests.concurrency.processes import start_together

PATIENCE = 60.0
DONE = "done"
Act = Callable[[], Any]


def at_once(*acts: Act) -> list[str]:
    """Do all of it at the same moment; return of each that it is done, or the code of the refusal."""
    barrier = threading.Barrier(len(acts))
    told: list[str] = ["nothing"] * len(acts)

    def run(index: int) -> None:
        barrier.wait(PATIENCE)
        try:
            acts[index]()
            told[index] = DONE
        except KassaError as error:
            told[index] = error.code
        except Exception as error:  # noqa: BLE001 (told to the test, which compares it)
            told[index] = f"{type(error).__name__}: {error}"
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,), daemon=True) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return told


def ask_back(organization_id: UUID, order_id: UUID, wish: RefundSelection, now: datetime) -> Act:
    """Return the act of asking for a refund."""
    context = CommandContext(Actor.system(organization_id), now)
    return partial(refund_order, context, order_id, command=RefundCommand(wish))


# What whole processes do, all at the same moment: each returns how much of it fell to it.


def settle(organization_id: UUID, now: datetime) -> int:
    start_together()
    return settle_webhooks(organization_id, now=now)


def send(organization_id: UUID, now: datetime) -> int:
    start_together()
    send_due_refunds(organization_id, now=now)
    return 0


@dataclass(frozen=True)
class EventRun:
    """A refund of an event, a few orders at a time."""

    organization_id: UUID
    run_id: UUID
    batch: int


def refund_event(run: EventRun, now: datetime) -> int:
    """Go on with the refund of an event until nothing is left; return in how many steps."""
    event_refunds.BATCH = run.batch
    start_together()
    steps = 1
    while continue_event_refund(run.organization_id, run.run_id, now=now):
        steps += 1
    return steps


def shares(count: int, *arguments: Any) -> Sequence[tuple[Any, ...]]:
    """Return the same arguments for each of so many processes."""
    return [arguments] * count
