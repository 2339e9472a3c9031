"""The sale's jobs."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.sales.domain.expire import release_all_overdue
from kassa.sales.domain.holders import forget_holders


@app.periodic(cron="* * * * * */10")  # the sixth field is the seconds
@app.task(name="kassa.release_overdue", queueing_lock="release_overdue", pass_context=False)
def release_overdue_holds(timestamp: int) -> None:
    """Give back the places of orders and carts whose hold is over, every ten seconds."""
    release_all_overdue(now=utc_now())


@app.periodic(cron="7 * * * *")
@app.task(name="kassa.forget_holders", queueing_lock="forget_holders", pass_context=False)
def forget_holders_of_carts(timestamp: int) -> None:
    """Forget by what visitors were counted whose carts have been paid or have ended."""
    forget_holders(now=utc_now())
