"""The jobs of messages: asked for when something is written, and done by a worker."""

from __future__ import annotations

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.enums import EventStatus
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.notifications.models import Announcement, Message
from kassa.notifications.tasks import (
    announce_to_guests,
    remind_all,
    send_all_messages,
    send_messages_of,
    warn_all,
    write_all_messages,
)
from tests.notifications.office import Office
from tests.support.job_context import JOB


def jobs() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_name, task_name, args::text FROM procrastinate_jobs WHERE status = 'todo'"
            " AND task_name LIKE 'kassa.%' ORDER BY id"
        )
        return [(queue, name, args) for queue, name, args in cursor.fetchall()]


@pytest.fixture(autouse=True)
def _no_jobs(office: Office) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_what_is_written_is_sent_by_jobs_side_by_side(office: Office) -> None:
    write_all_messages(JOB, timestamp=0)

    assert [(queue, name) for queue, name, _ in jobs()] == [("mail", "kassa.send_messages")] * 2
    send_messages_of(JOB, organization_id=str(office.id), lane="1")
    assert {one.status for one in office.messages()} == {"kept", "skipped"}


def test_guests_are_told_by_a_job(office: Office) -> None:
    move_event(CommandContext.system(office.id, now=utc_now()), office.event.id, to=EventStatus.CANCELLED)
    write_all_messages(JOB, timestamp=0)
    [announcement] = Announcement.unscoped.all()

    assert "kassa.announce" in [name for _, name, _ in jobs()]
    announce_to_guests(JOB, organization_id=str(office.id), announcement_id=str(announcement.id))
    assert Message.unscoped.filter(kind="event_cancelled").count() == 1


def test_what_lost_its_job_is_taken_up(office: Office) -> None:
    move_event(CommandContext.system(office.id, now=utc_now()), office.event.id, to=EventStatus.CANCELLED)
    write_all_messages(JOB, timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

    send_all_messages(timestamp=0)

    assert sorted({name for _, name, _ in jobs()}) == ["kassa.announce", "kassa.send_messages"]


def test_the_clock_s_jobs_run(office: Office) -> None:
    warn_all(timestamp=0)
    remind_all(timestamp=0)

    assert jobs() == []


def test_every_job_can_be_found_by_the_worker() -> None:
    app.perform_import_paths()  # type: ignore[no-untyped-call]

    assert {"kassa.write_messages", "kassa.send_messages", "kassa.announce"} <= set(app.tasks)
    assert app.tasks["kassa.send_messages"].queue == "mail"
