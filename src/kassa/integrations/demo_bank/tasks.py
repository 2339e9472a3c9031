"""The demo bank's jobs."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from kassa.core.clock import utc_now
from kassa.core.jobs import end_of_turn
from kassa.integrations.demo_bank.domain import deliver_webhooks, move_on

RUN = "kassa.run_demo_bank"
LOCK = "run_demo_bank"


@app.periodic(cron="* * * * * */5")  # the sixth field is the seconds
@app.task(name=RUN, queueing_lock=LOCK, pass_context=True)
def run_demo_bank(context: JobContext, timestamp: int) -> None:
    """Decide what is slow and send the webhooks that are due, every five seconds.

    Nothing happens where the demo bank is switched off: what it would tell, nobody asked for.
    """
    if not settings.DEMO_PAYMENTS:
        return
    now = utc_now()
    move_on(now=now)
    deliver_webhooks(now=now, should_stop=end_of_turn(context))


def wake_demo_bank() -> None:
    """Let the job run now rather than within five seconds; nothing happens if it waits already."""
    try:
        with transaction.atomic():
            app.configure_task(RUN, queueing_lock=LOCK).defer(timestamp=int(utc_now().timestamp()))
    except AlreadyEnqueued:
        pass
