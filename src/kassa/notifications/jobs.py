"""The names of the jobs of messages."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

MAIL_QUEUE = "mail"
"""Jobs that wait for mail servers run apart, so that a slow one keeps nobody else waiting."""
SEND = "kassa.send_messages"
ANNOUNCE = "kassa.announce"
ACCOUNT_MAIL = "kassa.send_account_mail"


def lanes() -> list[str]:
    """Return the names under which one organisation's messages are sent side by side."""
    return [str(number) for number in range(1, settings.MAIL_LANES + 1)]


def defer_account_mail() -> None:
    """Ask the worker to send the letters about accounts, once they can be seen; one that waits will do."""
    transaction.on_commit(_defer_account_mail, robust=True)


def _defer_account_mail() -> None:
    if settings.MAIL_TRANSPORT == "keep":
        return
    try:
        with transaction.atomic():
            job = app.configure_task(ACCOUNT_MAIL, queue=MAIL_QUEUE, queueing_lock=ACCOUNT_MAIL)
            job.defer(timestamp=0)
    except AlreadyEnqueued:
        pass
