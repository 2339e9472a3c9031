"""Messages leave by SMTP: refused for now, refused for good, and by a worker that is killed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event as Flag
from typing import Any

import pytest
from django.db import connection

from kassa.core.clock import utc_now
from kassa.notifications.domain.attachments import attached_files
from kassa.notifications.domain.facts import load_facts
from kassa.notifications.domain.read_feed import read_events
from kassa.notifications.domain.send import LEASE, RETRY_AFTER, organizations_with_messages, send_messages
from kassa.notifications.models import Message, SuppressedAddress
from kassa.orders.domain.codes import spaced
from kassa.sales.domain.request import Customer
from kassa.tickets.domain.genuine import Genuine, check_qr
from tests.notifications.office import Office
from tests.notifications.smtp import MailHost, mail_host
from tests.support.factories import line
from tests.tickets.printing import pages_of, read_codes, texts_of

ADA = "ada@harbour.test"


@pytest.fixture
def host(settings: Any) -> Iterator[MailHost]:
    """A mail server that messages are sent to."""
    with mail_host() as host:
        settings.MAIL_TRANSPORT = "smtp"
        settings.MAIL_FROM = "tickets@kassa.test"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", host.port, 5
        yield host


@pytest.fixture
def waiting(office: Office, host: MailHost) -> Office:
    """One message to Ada is due, and no other."""
    office.work()
    Message.unscoped.all().delete()
    write(office)
    return office


def write(office: Office, address: str = ADA) -> Message:
    office.place(
        line(office.standing), customer=Customer(email=address, first_name="Ada", last_name="Lovelace")
    )
    read_events(now=utc_now())
    return office.messages()[-1]


def test_a_message_is_sent_as_its_organisation(waiting: Office, host: MailHost) -> None:
    waiting.send()

    [mail] = host.mails
    message = waiting.message("order_placed")
    assert (message.status, message.attempts, message.error) == ("sent", 1, "")
    assert mail["From"] == "Harbour Hall <tickets@kassa.test>"
    assert mail["To"] == "Ada Lovelace <ada@harbour.test>"
    assert mail["Reply-To"] == "office@harbour.example"
    assert mail["Message-ID"] == f"<{message.id}@kassa.test>" == message.provider_message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == message.subject
    bodies = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    assert bodies.keys() == {"text/plain", "text/html"}
    assert message.text.strip() == bodies["text/plain"].replace("\r\n", "\n").strip()


def test_what_was_given_away_while_others_were_written_to_is_not_attached(office: Office) -> None:
    office.work()
    message = office.message("order_confirmed")
    facts = load_facts(office.id, [message])
    office.accept(office.offer())

    [(_, content, _)] = attached_files(message, facts, now=office.now)

    [page] = texts_of(content)
    _, kept = office.tickets_of(office.sold)
    assert spaced(kept.code) in page


def test_tickets_are_attached_as_a_pdf(office: Office, host: MailHost) -> None:
    office.work()
    Message.unscoped.update(status="pending", next_try_at=utc_now(), recipient=ADA)

    office.send()

    [mail] = host.mails
    [attachment] = mail.iter_attachments()
    assert attachment.get_filename() == "tickets.pdf"
    mailed = [
        check_qr(office.id, text) for page in pages_of(attachment.get_content()) for text in read_codes(page)
    ]
    codes = {one.code for one in mailed if isinstance(one, Genuine)}
    assert len(mailed) == len(codes)
    assert codes == {ticket.code for ticket in office.tickets_of(office.sold)}


def test_refused_for_now_it_is_tried_again_later_and_later(waiting: Office, host: MailHost) -> None:
    Message.unscoped.update(kind="order_cancelled")  # one that is true for as long as it takes
    host.to[ADA] = "450 4.2.1 mailbox busy"
    now = utc_now()

    waits = []
    for _ in RETRY_AFTER:
        waiting.send(now)
        [message] = waiting.messages()
        assert (message.status, message.error) == ("pending", "450 4.2.1 mailbox busy")
        assert message.next_try_at is not None
        waits.append(message.next_try_at - now)
        assert waiting.send(message.next_try_at - timedelta(seconds=1)) == 0
        now = message.next_try_at
    waiting.send(now)

    assert waits == list(RETRY_AFTER)
    assert sum(waits, timedelta()) > timedelta(days=2, hours=12)
    [message] = waiting.messages()
    assert (message.status, message.attempts, message.next_try_at) == ("failed", 10, None)
    assert host.taken == []


def test_what_fails_for_now_is_sent_in_the_end_and_once(waiting: Office, host: MailHost) -> None:
    host.to[ADA] = "451 4.3.0 later"
    waiting.send()
    del host.to[ADA]

    waiting.send(utc_now() + timedelta(minutes=2))
    waiting.send(utc_now() + timedelta(days=1))

    assert (len(host.taken), waiting.messages()[0].status) == (1, "sent")


def test_an_address_that_does_not_exist_is_not_written_to_again(waiting: Office, host: MailHost) -> None:
    host.to[ADA] = "550 5.1.1 user unknown"

    waiting.send()
    write(waiting, "Ada@Harbour.test")
    waiting.send()

    first, second = waiting.messages()
    assert (first.status, first.error) == ("failed", "550 5.1.1 user unknown")
    assert second.status == "skipped"
    assert SuppressedAddress.unscoped.get().address == ADA


def test_a_refusal_for_another_reason_suppresses_nobody(waiting: Office, host: MailHost) -> None:
    host.data = "554 5.7.1 looks like advertising"

    waiting.send()

    assert (waiting.messages()[0].status, SuppressedAddress.unscoped.count()) == ("failed", 0)


def test_a_server_that_is_down_is_asked_once_and_fails_nothing(waiting: Office, settings: Any) -> None:
    write(waiting)
    settings.EMAIL_PORT = 1

    waiting.send()

    assert [(one.status, one.attempts) for one in waiting.messages()] == [("pending", 1), ("pending", 1)]


@pytest.mark.parametrize(
    "address", ["not an address", "a@b.test, c@d.test", '"x"@b.test', "ą@b.test", "ada@example.com"]
)
def test_what_is_no_address_is_not_sent(waiting: Office, host: MailHost, address: str) -> None:
    Message.unscoped.update(recipient=address)

    waiting.send()

    assert host.connections == 0
    assert waiting.messages()[0].status == ("skipped" if address == "ada@example.com" else "failed")


def test_an_address_in_other_letters_is_written_to_in_the_form_of_mail_servers(
    waiting: Office, host: MailHost
) -> None:
    Message.unscoped.update(recipient="ada@bücher.test.")

    waiting.send()

    written_to = {one.addr_spec for mail in host.mails for one in mail["To"].addresses}
    assert written_to == {"ada@xn--bcher-kva.test"}


def test_a_killed_worker_s_messages_are_sent_by_another(waiting: Office, host: MailHost) -> None:
    """It had claimed the message and not begun: another one has to wait for the end of its lease."""
    now = utc_now()
    Message.unscoped.update(status="sending", attempts=1, next_try_at=now + LEASE)

    early = waiting.send(now + LEASE - timedelta(seconds=1))
    due = organizations_with_messages(now=now + LEASE)
    late = waiting.send(now + LEASE)

    assert (early, due, late) == (0, [waiting.id], 1)
    assert (len(host.taken), waiting.messages()[0].attempts) == (1, 2)


def test_killed_after_the_server_s_yes_it_is_sent_again_under_the_same_id(
    waiting: Office, host: MailHost
) -> None:
    """The one window that is left; a mailbox that compares ids drops the second."""
    waiting.send()
    Message.unscoped.update(status="sending", next_try_at=utc_now())

    waiting.send()

    assert [mail["Message-ID"] for mail in host.mails] == [host.mails[0]["Message-ID"]] * 2


def test_whoever_lost_the_claim_writes_nothing(waiting: Office, host: MailHost) -> None:
    host.after_data = take_over

    waiting.send()

    [message] = waiting.messages()
    assert (message.status, message.attempts) == ("sending", 7)


def take_over() -> None:
    Message.unscoped.update(attempts=7)
    connection.close()


def test_several_send_at_once_and_each_message_once(waiting: Office, host: MailHost) -> None:
    for _ in range(5):
        write(waiting)
    begin = Flag()

    def send() -> None:
        begin.wait(30)
        try:
            send_messages(waiting.id, now=utc_now())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(send) for _ in range(4)]
        begin.set()
        for job in jobs:
            job.result(60)

    ids = [str(mail["Message-ID"]) for mail in host.mails]
    assert (len(ids), len(set(ids))) == (6, 6)
    assert {one.status for one in waiting.messages()} == {"sent"}


def test_one_that_cannot_be_written_keeps_nobody_back(waiting: Office, host: MailHost) -> None:
    write(waiting)
    first = waiting.messages()[0]
    Message.unscoped.filter(id=first.id).update(kind="order_refunded", facts={})

    waiting.send()

    assert [one.status for one in waiting.messages()] == ["pending", "sent"]
    assert "could not be written" in waiting.messages()[0].error


def test_a_worker_that_stops_gives_back_what_it_has_not_begun(waiting: Office, host: MailHost) -> None:
    write(waiting)
    now: datetime = utc_now()
    answers = iter([False, True, True])

    send_messages(waiting.id, now=now, should_stop=lambda: next(answers))

    assert host.taken == []
    assert [(one.status, one.attempts) for one in waiting.messages()] == [("pending", 0)] * 2
