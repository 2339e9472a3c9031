"""The jobs of identity."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.identity.domain.failed_sign_in import RECORD_FAILED_SIGN_IN, record_failed_sign_in
from kassa.identity.domain.security_log import delete_old_security_events


@app.task(name=RECORD_FAILED_SIGN_IN)
def record_failure(sealed: str) -> None:
    """Record that somebody failed to sign in."""
    record_failed_sign_in(sealed)


@app.periodic(cron="41 3 * * *")
@app.task(name="kassa.delete_old_security_events", queueing_lock="delete_old_security_events")
def delete_old(timestamp: int) -> None:
    """Delete the entries of the security log that are older than the setting says, every night."""
    delete_old_security_events(now=utc_now())
