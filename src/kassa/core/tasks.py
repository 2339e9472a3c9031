"""The kernel's jobs."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from kassa.core.budgets import delete_unused_budgets
from kassa.core.clock import utc_now
from kassa.core.models import IdempotentAnswer

ANSWERS_KEPT = timedelta(days=7)
"""How long a repeated request is answered with its first answer."""


@app.periodic(cron="17 * * * *")
@app.task(name="kassa.forget_answers", queueing_lock="forget_answers")
def forget_answers(timestamp: int) -> None:
    """Delete the kept answers that are too old to be repeated, every hour."""
    IdempotentAnswer.unscoped.filter(created_at__lt=utc_now() - ANSWERS_KEPT).delete()


@app.periodic(cron="37 * * * *")
@app.task(name="kassa.forget_budgets", queueing_lock="forget_budgets")
def forget_budgets(timestamp: int) -> None:
    """Delete the budgets of shared rate limits of which nothing is used up any more, every hour."""
    delete_unused_budgets()


@app.periodic(cron="* * * * *")
@app.task(name="kassa.retry_lost_jobs", queueing_lock="retry_lost_jobs", pass_context=False)
async def retry_lost_jobs(timestamp: int) -> None:
    """Run the jobs of workers that were killed once more, every minute.

    Until then such a job counts as running, and keeps back all others under the same lock.
    """
    for job in await app.job_manager.get_stalled_jobs():
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:  # another one waits already that will do the same
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
