"""The sale's jobs."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.sales.domain.expire import release_all_overdue


@app.periodic(cron="* * * * * */10")  # the sixth field is the seconds
@app.task(name="kassa.release_overdue", queueing_lock="release_overdue", pass_context=False)
def release_overdue_holds(timestamp: int) -> None:
    """Give back the places of orders and carts whose hold is over, every ten seconds."""
    release_all_overdue(now=utc_now())
