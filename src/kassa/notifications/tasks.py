"""The jobs of messages: reading what happened, looking at the clock, sending."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.core.jobs import defer, end_of_turn
from kassa.notifications.domain.account_mail import send_account_mail
from kassa.notifications.domain.announce import continue_announcement, running_announcements
from kassa.notifications.domain.read_feed import read_events
from kassa.notifications.domain.remind import (
    organizations_with_ending_holds,
    remind_of_events,
    warn_of_ending_holds,
)
from kassa.notifications.domain.send import has_due_messages, organizations_with_messages, send_messages
from kassa.notifications.jobs import ACCOUNT_MAIL, ANNOUNCE, MAIL_QUEUE, SEND, lanes


@app.periodic(cron="* * * * * */2")  # the sixth field is the seconds
@app.task(name="kassa.write_messages", queueing_lock="write_messages", pass_context=True)
def write_all_messages(context: JobContext, timestamp: int) -> None:
    """Write messages about what happened, every two seconds."""
    read_events(now=utc_now(), should_stop=end_of_turn(context))


@app.periodic(cron="* * * * * */30")
@app.task(name="kassa.warn_of_ending_holds", queueing_lock="warn_of_ending_holds", pass_context=False)
def warn_all(timestamp: int) -> None:
    """Warn the buyers whose places are about to be given back."""
    for organization_id in organizations_with_ending_holds(now=utc_now()):
        warn_of_ending_holds(organization_id, now=utc_now())


@app.periodic(cron="* * * * * 15")
@app.task(name="kassa.remind_of_events", queueing_lock="remind_of_events", pass_context=False)
def remind_all(timestamp: int) -> None:
    """Begin the reminders of events that start within a day, every minute."""
    remind_of_events(now=utc_now())


@app.periodic(cron="* * * * * */30")
@app.task(name="kassa.send_all_messages", queueing_lock="send_all_messages", pass_context=False)
def send_all_messages(timestamp: int) -> None:
    """Ask for the sending of what is due: second tries, and what lost its job or its worker."""
    for organization_id in organizations_with_messages(now=utc_now()):
        for lane in lanes():
            defer(SEND, organization_id, queue=MAIL_QUEUE, lane=lane)
    for organization_id, announcement_id in running_announcements():
        defer(ANNOUNCE, organization_id, announcement_id=str(announcement_id))


@app.task(name=SEND, queue=MAIL_QUEUE, pass_context=True)
def send_messages_of(context: JobContext, organization_id: str, lane: str) -> None:
    """Send what is due of one organisation, for one turn."""
    should_stop = end_of_turn(context)
    send_messages(UUID(organization_id), now=utc_now(), should_stop=should_stop)
    if should_stop() and has_due_messages(UUID(organization_id), now=utc_now()):
        defer(SEND, UUID(organization_id), queue=MAIL_QUEUE, lane=lane)


@app.task(name=ANNOUNCE, pass_context=True)
def announce_to_guests(context: JobContext, organization_id: str, announcement_id: str) -> None:
    """Go on with telling the guests of an event something, for one turn."""
    should_stop = end_of_turn(context)
    organization, announcement = UUID(organization_id), UUID(announcement_id)
    while continue_announcement(organization, announcement, now=utc_now()):
        if should_stop():
            defer(ANNOUNCE, organization, announcement_id=announcement_id)
            return


@app.periodic(cron="* * * * * */30")
@app.task(name=ACCOUNT_MAIL, queue=MAIL_QUEUE, queueing_lock=ACCOUNT_MAIL, pass_context=True)
def send_letters_about_accounts(context: JobContext, timestamp: int = 0) -> None:
    """Send the letters about accounts, as soon as there is one, and twice a minute what has to wait."""
    send_account_mail(now=utc_now(), should_stop=end_of_turn(context))
