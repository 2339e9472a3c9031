"""The jobs of organisations."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.core.jobs import end_of_turn
from kassa.organizations.domain.check_domains import CHECK_DOMAIN, check_due_domains
from kassa.organizations.domain.domains import verify_domain
from kassa.organizations.errors import DomainMissing

TURN_SECONDS = 300.0
"""How long a sweep over domains goes on at most; the rest comes with the next one."""


@app.task(name=CHECK_DOMAIN)
def check_domain(organization_id: str) -> None:
    """Look for the proof of an organisation's domain."""
    try:
        verify_domain(UUID(organization_id), now=utc_now())
    except DomainMissing:
        return


@app.periodic(cron="53 * * * *")
@app.task(name="kassa.check_domains", queueing_lock="check_domains", pass_context=True)
def check_domains(context: JobContext, timestamp: int) -> None:
    """Check the domains whose turn it is, every hour."""
    check_due_domains(now=utc_now(), should_stop=end_of_turn(context, seconds=TURN_SECONDS))
