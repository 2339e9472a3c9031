"""All guests of an event are told: in turns, resumable, each once; reminders by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.domain.events import change_event
from kassa.catalog.enums import EventStatus
from kassa.core.command_context import CommandContext
from kassa.notifications.domain import announce
from kassa.notifications.domain.announce import continue_announcement, running_announcements
from kassa.notifications.domain.read_feed import read_events
from kassa.notifications.domain.remind import remind_of_events
from kassa.notifications.models import Announcement, Message
from kassa.orders.enums import OrderStatus
from kassa.payments.domain.manual_status import change_status
from kassa.payments.domain.refunds.event_refunds import continue_event_refund, start_event_refund
from kassa.sales.domain.request import Customer
from tests.notifications.office import Office

DAY = timedelta(days=1)


class Killed(Exception):
    """The process ends here."""


def broken() -> list[str]:
    raise Killed


@pytest.fixture
def hall(office: Office) -> Office:
    """Four more people have bought; nothing is left to be written."""
    for number in range(4):
        office.place(customer=Customer(email=f"guest-{number}@example.com"))
    office.forget()
    return office


def cancel(office: Office) -> None:
    move_event(CommandContext.system(office.id, now=office.now), office.event.id, to=EventStatus.CANCELLED)


def move_to(office: Office, starts_at: datetime) -> None:
    changes = {"starts_at": starts_at}
    change_event(CommandContext.system(office.id, now=office.now), office.event.id, changes=changes)


def recipients(office: Office, kind: str) -> list[str]:
    return sorted(one.recipient for one in office.messages(kind))


def test_it_goes_on_where_it_was_stopped(hall: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "BATCH", 2)
    cancel(hall)
    read_events(now=hall.now)
    [(_, announcement_id)] = running_announcements()

    steps = []
    while True:
        is_more = continue_announcement(hall.id, announcement_id, now=hall.now)
        one = Announcement.unscoped.get()
        steps.append((one.orders_done, one.messages_written, one.completed_at is not None))
        if not is_more:
            break

    assert steps == [(2, 2, False), (4, 4, False), (5, 5, True)]
    assert not continue_announcement(hall.id, announcement_id, now=hall.now)
    assert len(set(recipients(hall, "event_cancelled"))) == 5


def test_a_turn_that_fails_is_as_if_it_had_not_begun(hall: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    cancel(hall)
    read_events(now=hall.now)
    [(_, announcement_id)] = running_announcements()
    with monkeypatch.context() as patch:
        patch.setattr(announce, "lanes", broken)
        with pytest.raises(Killed):
            continue_announcement(hall.id, announcement_id, now=hall.now)
    assert Message.unscoped.count() == 0

    hall.work()

    assert len(recipients(hall, "event_cancelled")) == 5


def test_who_got_the_money_back_faster_is_told_as_well(hall: Office) -> None:
    cancel(hall)
    context = hall.context(now=hall.now)
    run = start_event_refund(context, hall.event.id, reason="Called off.")
    while continue_event_refund(hall.id, run.id, now=hall.now):
        pass

    hall.work()

    assert len(recipients(hall, "event_cancelled")) == 5


def test_who_was_refunded_long_before_is_not_told(hall: Office) -> None:
    hall.cancel()
    hall.forget()

    hall.later = timedelta(hours=1)
    cancel(hall)
    hall.work()

    assert "ada@example.com" not in recipients(hall, "event_cancelled")
    assert len(recipients(hall, "event_cancelled")) == 4


def test_a_holder_of_several_tickets_is_told_once(hall: Office) -> None:
    tickets = hall.tickets_of(hall.sold)
    hall.accept(hall.offer())
    hall.ticket_id = tickets[1].id
    hall.accept(hall.offer("Grace@example.com"))
    hall.forget()

    cancel(hall)
    hall.work()

    assert recipients(hall, "event_cancelled").count("ada@example.com") == 1
    assert len([one for one in recipients(hall, "event_cancelled") if one.lower().startswith("grace")]) == 1


def remind(office: Office) -> int:
    begun = remind_of_events(now=office.now)
    office.work()
    return begun


def test_one_is_reminded_a_day_before_and_once(hall: Office) -> None:
    starts_at = hall.starts_at
    hall.later = starts_at - DAY - timedelta(minutes=5) - hall.now
    assert remind(hall) == 0

    hall.later += timedelta(minutes=10)

    assert [remind(hall), remind(hall)] == [1, 0]
    assert recipients(hall, "event_reminder") == ["ada@example.com"]  # the others have not paid


def test_who_bought_within_the_day_is_not_reminded(hall: Office) -> None:
    hall.later = hall.starts_at - timedelta(hours=20) - hall.now
    late = hall.place(customer=Customer(email="late@example.com"), now=hall.now)
    change_status(hall.by_staff(), late.id, to_status=OrderStatus.CONFIRMED)

    remind(hall)

    assert "late@example.com" not in recipients(hall, "event_reminder")


def test_a_start_that_moves_ahead_is_reminded_of_again(hall: Office) -> None:
    hall.later = hall.starts_at - timedelta(hours=23) - hall.now
    remind(hall)
    moved_to = hall.starts_at + timedelta(days=3)
    move_to(hall, moved_to)
    hall.work()
    assert remind(hall) == 0

    hall.later += timedelta(days=3)

    assert remind(hall) == 1
    assert recipients(hall, "event_reminder") == ["ada@example.com"] * 2


def test_a_start_that_moves_within_the_day_is_told_once(hall: Office) -> None:
    hall.later = hall.starts_at - timedelta(hours=23) - hall.now
    remind(hall)
    move_to(hall, hall.starts_at + timedelta(minutes=30))
    hall.work()

    hall.later += timedelta(minutes=5)

    assert remind(hall) == 0
    assert len(recipients(hall, "event_reminder")) == 1
    assert "ada@example.com" in recipients(hall, "event_changed")


def test_nobody_is_reminded_of_a_start_that_has_moved_away_meanwhile(hall: Office) -> None:
    hall.later = hall.starts_at - timedelta(hours=23) - hall.now
    remind_of_events(now=hall.now)
    move_to(hall, hall.starts_at + timedelta(days=3))

    hall.work()

    assert [(one.status, one.error) for one in hall.messages("event_reminder")] == [
        ("skipped", "The event begins later by now.")
    ]


def test_nobody_is_reminded_of_what_is_called_off(hall: Office) -> None:
    cancel(hall)
    hall.later = hall.starts_at - timedelta(hours=23) - hall.now

    assert remind(hall) == 0
