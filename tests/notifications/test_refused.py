"""What a server refuses is refused for one message: its neighbours are sent, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from anymail.exceptions import AnymailConfigurationError, AnymailInvalidAddress, AnymailRequestsAPIError
from django.core.mail import EmailMultiAlternatives

from kassa.core.clock import utc_now
from kassa.notifications.domain import attachments
from kassa.notifications.domain.read_feed import read_events
from kassa.notifications.models import Message
from kassa.orders.enums import OrderStatus
from kassa.payments.domain.manual_status import change_status
from kassa.sales.domain.request import Customer
from kassa.tickets.domain import documents
from tests.notifications.office import Office
from tests.notifications.smtp import MailHost, mail_host
from tests.support.factories import line

LARGE, SMALL = "big@kassa-sink.test", [f"small{number}@kassa-sink.test" for number in range(5)]


@pytest.fixture
def host(settings: Any) -> Iterator[MailHost]:
    with mail_host() as host:
        settings.MAIL_TRANSPORT = "smtp"
        settings.MAIL_FROM = "tickets@kassa.test"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", host.port, 5
        yield host


@pytest.fixture
def office(office: Office, host: MailHost) -> Office:
    """The confirmation of a large order is due, and then those of five small ones."""
    office.work()
    Message.unscoped.all().delete()
    for address, quantity in [(LARGE, 3), *((address, 1) for address in SMALL)]:
        customer = Customer(email=address, first_name="Ada")
        order = office.place(line(office.standing, quantity), customer=customer)
        change_status(office.by_staff(), order.id, to_status=OrderStatus.CONFIRMED)
    read_events(now=utc_now())
    Message.unscoped.exclude(kind="order_confirmed").delete()
    return office


def status_by_recipient() -> dict[str, str]:
    return dict(Message.unscoped.values_list("recipient", "status"))


def sent_to(host: MailHost) -> dict[str, list[str | None]]:
    """Return the names of the files that went to each recipient."""
    return {
        str(mail["To"]).rpartition("<")[2].strip(">"): [one.get_filename() for one in mail.iter_attachments()]
        for mail in host.mails
    }


def test_a_message_that_is_too_large_goes_out_with_a_link_instead(
    office: Office, host: MailHost, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server says so at the sender, by the size alone; the five after it are sent in the same turn."""
    host.size, settings.MAIL_ATTACHMENT_BYTES = 10_000_000, 100_000_000
    printed = documents.tickets_pdf
    monkeypatch.setattr(
        attachments,
        "tickets_pdf",
        lambda *given, ticket_ids, **more: (
            printed(*given, ticket_ids=ticket_ids, **more) + bytes(10_000_000 if len(ticket_ids) > 1 else 0)
        ),
    )

    office.send()

    assert status_by_recipient() == dict.fromkeys([LARGE, *SMALL], "sent")
    assert sent_to(host) == {LARGE: []} | {address: ["tickets.pdf"] for address in SMALL}
    [text] = [mail.get_body(("plain",)) for mail in host.mails if LARGE in str(mail["To"])]
    assert text is not None
    assert "/tickets.pdf" in text.get_content()
    assert Message.unscoped.get(recipient=LARGE).attempts == 1


def test_what_is_refused_without_its_tickets_as_well_has_failed(office: Office, host: MailHost) -> None:
    host.size = 1000

    office.send()

    assert status_by_recipient() == dict.fromkeys([LARGE, *SMALL], "failed")
    assert {one.error[:9] for one in Message.unscoped.all()} == {"552 5.3.4"}


def test_tickets_above_the_limit_are_linked_to_and_never_typeset_again(
    office: Office, host: MailHost, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_ATTACHMENT_BYTES = 100
    host.to[LARGE] = "450 4.2.1 mailbox busy"
    made: list[int] = []
    monkeypatch.setattr(
        attachments,
        "tickets_pdf",
        lambda *given, ticket_ids, **more: made.append(len(ticket_ids)) or bytes(200),  # type: ignore[func-returns-value]
    )

    now = utc_now()
    office.send(now)
    assert status_by_recipient()[LARGE] == "pending"
    del host.to[LARGE]
    due = Message.unscoped.get(recipient=LARGE).next_try_at
    office.send(due)

    assert status_by_recipient() == dict.fromkeys([LARGE, *SMALL], "sent")
    assert sorted(made) == [1, 1, 1, 1, 1, 3]
    assert set(map(tuple, sent_to(host).values())) == {()}


def test_too_many_tickets_are_not_even_typeset(
    office: Office, host: MailHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST_TICKETS", 2)

    office.send()

    assert sent_to(host) == {LARGE: []} | {address: ["tickets.pdf"] for address in SMALL}


def test_a_sender_that_is_refused_is_tried_again_message_by_message(office: Office, host: MailHost) -> None:
    host.sender = "550 5.7.1 sender not allowed"

    office.send()

    assert status_by_recipient() == dict.fromkeys([LARGE, *SMALL], "pending")
    assert set(Message.unscoped.values_list("attempts", "error")) == {(1, "550 5.7.1 sender not allowed")}
    assert len(host.senders) == 6


@pytest.mark.parametrize("said", ["421 4.3.2 shutting down", "530 5.7.0 authentication required"])
def test_a_server_that_takes_nothing_is_asked_once(office: Office, host: MailHost, said: str) -> None:
    host.sender = said

    office.send()

    assert status_by_recipient() == dict.fromkeys([LARGE, *SMALL], "pending")
    assert len(host.senders) == 1


def test_a_connection_that_breaks_at_one_message_keeps_no_other_back(office: Office, host: MailHost) -> None:
    host.hangs_up_on = {LARGE}

    office.send()

    assert status_by_recipient() == {LARGE: "pending"} | dict.fromkeys(SMALL, "sent")


def test_a_server_that_breaks_twice_in_a_row_is_left_alone(office: Office, host: MailHost) -> None:
    host.hangs_up_on = {LARGE, *SMALL}

    office.send()

    assert status_by_recipient() == dict.fromkeys([LARGE, *SMALL], "pending")
    assert (len(host.senders), set(Message.unscoped.values_list("attempts", flat=True))) == (2, {1})


def refused(status: int) -> AnymailRequestsAPIError:
    response = requests.Response()
    response.status_code = status
    return AnymailRequestsAPIError("no", response=response)


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (refused(413), ("failed", "sent")),
        (refused(500), ("pending", "sent")),
        (AnymailInvalidAddress("no address"), ("failed", "sent")),
        (AnymailRequestsAPIError("the connection broke"), ("pending", "sent")),
        (refused(401), ("pending", "pending")),
        (AnymailConfigurationError("no key"), ("pending", "pending")),
    ],
)
def test_a_provider_s_refusal_is_about_one_message_unless_it_is_about_us(
    office: Office,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    becomes: tuple[str, str],
) -> None:
    settings.MAIL_TRANSPORT = "postmark"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send = EmailMultiAlternatives.send

    def refuse(mail: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        if LARGE in mail.to[0]:
            raise error
        return send(mail)

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    Message.unscoped.filter(recipient=LARGE).update(kind="order_cancelled")  # nothing to leave out

    office.send()

    large, small = becomes
    assert status_by_recipient() == {LARGE: large} | dict.fromkeys(SMALL, small)


def test_the_machine_is_called_as_the_operator_says(office: Office, host: MailHost, settings: Any) -> None:
    settings.MAIL_EHLO = "mail.kassa.test"

    office.send()

    assert set(host.greetings) == {"ehlo mail.kassa.test"}


def test_texts_are_written_in_seven_bits(office: Office, host: MailHost) -> None:
    """Whatever the server takes: what is not said to be eight bits wide is not."""
    Message.unscoped.update(language="fr")

    office.send()

    assert len(host.taken) == 6
    for raw in host.taken:
        assert raw.isascii()
        assert max(map(len, raw.split(b"\r\n"))) <= 998
    plain = host.mails[0].get_body(("plain",))
    assert plain is not None
    assert "C’est réservé" in plain.get_content()
    assert plain["Content-Transfer-Encoding"] == "quoted-printable"
