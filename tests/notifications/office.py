"""An organisation that writes to people, and short words for what a test does with its messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kassa.catalog.models import TicketType
from kassa.core.clock import utc_now
from kassa.core.feed import start_reader
from kassa.notifications.domain.announce import continue_announcement, running_announcements
from kassa.notifications.domain.read_feed import READER, read_events
from kassa.notifications.domain.send import send_messages
from kassa.notifications.models import Message
from tests.tickets.holders import Holders


class Office(Holders):
    """Ada has bought two tickets; all that is told from the first order on is written to people."""

    plenty: TicketType

    def __init__(self, **settings: Any) -> None:
        start_reader(READER, now=utc_now())
        super().__init__(**settings)

    def work(self) -> None:
        """Do what the worker does until nothing is left to do."""
        read_events(now=self.now)
        for organization_id, announcement_id in running_announcements():
            while continue_announcement(organization_id, announcement_id, now=self.now):
                pass
        self.send()

    def send(self, now: datetime | None = None) -> int:
        return send_messages(self.id, now=now or self.now)

    def messages(self, kind: str | None = None) -> list[Message]:
        """Return the messages, oldest first."""
        found = Message.objects.of(self.id).order_by("id")
        return list(found if kind is None else found.filter(kind=kind))

    def message(self, kind: str) -> Message:
        """Return the one message of a kind."""
        [message] = self.messages(kind)
        return message

    def outcomes(self) -> list[tuple[str, str, str]]:
        """Return kind, recipient and status of each message, sorted."""
        return sorted((one.kind, one.recipient, one.status) for one in self.messages())

    def forget(self) -> None:
        """Take what was written so far out of sight."""
        self.work()
        Message.objects.of(self.id).delete()
