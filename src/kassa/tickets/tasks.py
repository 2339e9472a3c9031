"""The jobs of tickets."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.tickets.domain.expire import expire_all_transfers


@app.periodic(cron="* * * * * 35")  # the sixth field is the seconds
@app.task(name="kassa.expire_transfers", queueing_lock="expire_transfers", pass_context=False)
def expire_open_transfers(timestamp: int) -> None:
    """End the offers of tickets that nobody accepted in time, every minute."""
    expire_all_transfers(now=utc_now())
