"""The kernel's jobs."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.core.models import IdempotentAnswer

ANSWERS_KEPT = timedelta(days=7)
"""How long a repeated request is answered with its first answer."""


@app.periodic(cron="17 * * * *")
@app.task(name="kassa.forget_answers", queueing_lock="forget_answers")
def forget_answers(timestamp: int) -> None:
    """Delete the kept answers that are too old to be repeated, every hour."""
    IdempotentAnswer.unscoped.filter(created_at__lt=utc_now() - ANSWERS_KEPT).delete()
