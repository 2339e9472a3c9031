"""A message as a mail server of others takes it, and as a strict reader of others reads it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar

from kassa.notifications.models import Message
from tests.notifications.office import Office
from tests.notifications.test_kinds import move

STRICT = policy.SMTP.clone(raise_on_defect=True)


class Box:
    """Keeps what came in, with what was said of it at the door."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, list[str]]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append((envelope.original_content, list(envelope.mail_options)))
        return "250 taken"


@pytest.fixture
def box(settings: Any) -> Iterator[Box]:
    box = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, data_size_limit=10_485_760)
    controller.start()
    try:
        settings.MAIL_TRANSPORT = "smtp"
        settings.MAIL_FROM = "tickets@kassa.test"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
        yield box
    finally:
        controller.stop()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_messages_are_read_without_a_defect(office: Office, box: Box, language: str) -> None:
    assert office.sold
    office.work()
    move(office)
    office.work()
    Message.unscoped.update(
        status="pending",
        attempts=0,
        next_try_at=office.now,
        language=language,
        recipient="ada@harbour.test",
        recipient_name="Zoë Łukaszewicz",
    )

    office.send()

    assert len(box.taken) >= 2
    kinds: set[str] = set()
    for raw, options in box.taken:
        assert raw.isascii() or "BODY=8BITMIME" in options
        mail = message_from_bytes(raw, policy=STRICT)
        for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
            assert len(mail.get_all(name, [])) == 1, name
        assert mail["To"].addresses[0].display_name == "Zoë Łukaszewicz"
        for part in mail.walk():
            assert part.defects == []
            if not part.is_multipart():
                kinds.add(part.get_content_type())
                part.get_content()
            if part.get_content_type() == "text/calendar":
                assert part.get_param("method") == "PUBLISH"
                assert Calendar.from_ical(part.get_content())["method"] == "PUBLISH"
    assert kinds == {"text/plain", "text/html", "application/pdf", "text/calendar"}
