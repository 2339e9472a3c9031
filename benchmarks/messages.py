"""Messages: written from the outbox, worded, and all guests of a cancelled event."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from benchmarks.books import BooksDoNotBalance
from benchmarks.plan import Plan
from benchmarks.seed import Shop, found_shop
from benchmarks.server import Stage
from benchmarks.waiting import offer_payment, place_waiting, store_messages
from benchmarks.working import Work, audit, measure_work
from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.enums import EventStatus
from kassa.core.command_context import CommandContext
from kassa.core.feed import start_reader
from kassa.core.models import OutboxEvent
from kassa.notifications.domain.announce import continue_announcement, running_announcements
from kassa.notifications.domain.attachments import attached_files
from kassa.notifications.domain.facts import load_facts
from kassa.notifications.domain.read_feed import READER, read_events
from kassa.notifications.domain.send import send_messages
from kassa.notifications.models import Message
from kassa.payments.domain.webhooks.settle import settle_webhooks

BREAK_IN = 200
FILES = 300
"""So many attachments are made, as for messages that are sent."""


def measure(stage: Stage, plan: Plan) -> dict[str, Any]:
    """Write to the buyers of as many orders as an event refund has, and once more to all of them."""
    start_reader(READER, now=_now())
    first, shop = found_shop("messages-before"), found_shop("messages")
    for one, count in ((first, BREAK_IN), (shop, plan.refunded_orders)):
        offer_payment(one)
        store_messages(place_waiting(stage, one, count))
        settle_webhooks(one.organization_id, now=_now())
        if one is first:
            read_events(now=_now())
            send_messages(one.organization_id, now=_now())
    stage.connection.execute("ANALYZE")
    events = OutboxEvent.objects.of(shop.organization_id).count()
    read = measure_work(stage, lambda: read_events(now=_now()))
    plan.say(f"messages: read {read.per_second:,.0f} events/s that somebody is written to about")
    worded = _word(stage, shop)
    plan.say(f"messages: worded {worded.per_second:,.0f}/s")
    files = _attach(stage, shop)
    announced = _announce(stage, shop)
    plan.say(f"messages: announced to {announced.per_second:,.0f} guests/s")
    _check(shop.organization_id, plan.refunded_orders)
    return {
        "orders": plan.refunded_orders,
        "outbox_events": events,
        "read": asdict(read),
        "worded": asdict(worded),
        "attached": asdict(files),
        "announced": asdict(announced),
        "books": audit(),
    }


def _word(stage: Stage, shop: Shop) -> Work:
    """Find the words of all messages, and keep them."""
    return measure_work(stage, lambda: send_messages(shop.organization_id, now=_now()))


def _attach(stage: Stage, shop: Shop) -> Work:
    """Make the files that go with confirmations, each two pages."""
    rows = Message.objects.of(shop.organization_id).filter(kind="order_confirmed").order_by("id")
    messages = list(rows[:FILES])
    facts = load_facts(shop.organization_id, messages)

    def make() -> int:
        return sum(len(attached_files(message, facts, now=_now())) for message in messages)

    return measure_work(stage, make)


def _announce(stage: Stage, shop: Shop) -> Work:
    """Write to the guests of an event that is called off."""
    move_event(
        CommandContext.system(shop.organization_id, now=_now()), shop.event_id, to=EventStatus.CANCELLED
    )

    def tell() -> int:
        read_events(now=_now())
        for organization_id, announcement_id in running_announcements():
            while continue_announcement(organization_id, announcement_id, now=_now()):
                pass
        return Message.objects.of(shop.organization_id).filter(kind="event_cancelled").count()

    return measure_work(stage, tell)


def _check(organization_id: UUID, orders: int) -> None:
    """Hold what was written against what was sold: one message of a kind for each order."""
    messages = Message.objects.of(organization_id)
    for kind in ("order_confirmed", "event_cancelled"):
        count = messages.filter(kind=kind).count()
        if count != orders:
            raise BooksDoNotBalance(f"{count:,} messages {kind} for {orders:,} orders.")


def _now() -> datetime:
    return datetime.now(UTC)
