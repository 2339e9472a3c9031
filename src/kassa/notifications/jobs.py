"""The names of the jobs of messages."""

from __future__ import annotations

from django.conf import settings

MAIL_QUEUE = "mail"
"""Jobs that wait for mail servers run apart, so that a slow one keeps nobody else waiting."""
SEND = "kassa.send_messages"
ANNOUNCE = "kassa.announce"


def lanes() -> list[str]:
    """Return the names under which one organisation's messages are sent side by side."""
    return [str(number) for number in range(1, settings.MAIL_LANES + 1)]
