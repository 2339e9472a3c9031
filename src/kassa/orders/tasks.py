"""The jobs of orders."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.orders.domain.uploads import forget_unclaimed


@app.periodic(cron="41 * * * *")
@app.task(name="kassa.forget_uploads", queueing_lock="forget_uploads", pass_context=False)
def forget_uploads(timestamp: int) -> None:
    """Delete the files that no order has claimed for a day, every hour."""
    forget_unclaimed(now=utc_now())
