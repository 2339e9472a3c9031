"""The outbox is read, and what is to be told to people is written down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from kassa.core.feed import OutboxRecord, poll_outbox
from kassa.core.jobs import ShouldStop, defer_on_commit, never_stop
from kassa.core.outbox_horizon import advance_horizon
from kassa.notifications.domain.announce import ANNOUNCED, announce
from kassa.notifications.domain.occasions import TYPES, Occasion, occasions_of
from kassa.notifications.domain.write import drop_messages, hasten_messages, write_messages
from kassa.notifications.enums import MessageKind, MessageStatus
from kassa.notifications.jobs import MAIL_QUEUE, SEND, lanes
from kassa.notifications.models import Message

READER = "messages"
BATCH = 500
OPENED, FAILED = "payment.opened", "payment.failed"
TOLD_ANYHOW = "The buyer is told that a payment failed."


def read_events(*, now: datetime, should_stop: ShouldStop = never_stop) -> int:
    """Write messages about all that has happened since the last look; return about how many events.

    Each turn of 500 events is one transaction with the reader's new place, so that one that is killed
    leaves nothing undone and nothing twice.
    """
    count = 0
    while not should_stop():
        advance_horizon()
        with transaction.atomic(), connection.wrap_database_errors:
            batch = poll_outbox(READER, (*TYPES, *ANNOUNCED, OPENED), limit=BATCH, now=now)
            if batch is None:
                return count
            _deal_with(batch.events, now)
        count += len(batch.events)
        if not batch.is_full:
            break
    return count


def _deal_with(events: list[OutboxRecord], now: datetime) -> None:
    occasions: defaultdict[UUID, list[Occasion]] = defaultdict(list)
    for event in events:
        if event.type in ANNOUNCED:
            announce(event, now=now)
        elif event.type != OPENED:
            occasions[event.organization_id].extend(occasions_of(event))
    busy = {
        organization_id
        for organization_id in sorted(occasions)
        if write_messages(organization_id, occasions[organization_id], now=now)
    }
    for organization_id in sorted(busy | _mind_payments(events, now)):
        for lane in lanes():
            defer_on_commit(SEND, organization_id, queue=MAIL_QUEUE, lane=lane)


def _mind_payments(events: list[OutboxRecord], now: datetime) -> set[UUID]:
    """Decide on messages that wait for the buyer to pay; return whose have become due.

    A transfer has no page to pay on: its buyer is done, and needs to read how to pay; whoever has been
    written to before choosing it is written to again. Whoever is told that a payment failed is not told
    besides that there is something to pay.
    """
    transfers: defaultdict[UUID, dict[UUID, OutboxRecord]] = defaultdict(dict)
    failures: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for event in events:
        if event.type == OPENED and event.data["checkout_url"] is None:
            transfers[event.organization_id][UUID(event.data["order"])] = event
        elif event.type == FAILED:
            failures[event.organization_id].append(UUID(event.data["order"]))
    for organization_id, order_ids in sorted(failures.items()):
        drop_messages(organization_id, order_ids, kind=MessageKind.ORDER_PLACED, reason=TOLD_ANYHOW, now=now)
    return {
        organization_id
        for organization_id, opened in sorted(transfers.items())
        if _tell_of_transfers(organization_id, opened, now)
    }


def _tell_of_transfers(organization_id: UUID, opened: Mapping[UUID, OutboxRecord], now: datetime) -> int:
    """Have each order's buyer read now how to transfer; return how many messages have become due."""
    kind = MessageKind.ORDER_PLACED
    waiting = Message.objects.of(organization_id).filter(
        order_id__in=list(opened), kind=kind, status=MessageStatus.PENDING
    )
    will_read = set(waiting.values_list("order_id", flat=True))
    again = [
        Occasion(kind, f"{event.id}:{kind}", order_id)
        for order_id, event in opened.items()
        if order_id not in will_read and event.data["instructions"]
    ]
    hastened = hasten_messages(organization_id, list(opened), kind=kind, now=now)
    return hastened + write_messages(organization_id, again, now=now)
