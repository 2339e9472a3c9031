"""When domains are checked: when somebody asks for it, and from time to time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from kassa.core.budgets import Rate
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.jobs import ShouldStop, defer
from kassa.core.permissions import Permission
from kassa.core.rate_limits import RateLimit, TooManyRequests, require
from kassa.organizations.domain.domains import get_domain, verify_domain
from kassa.organizations.enums import DomainProof
from kassa.organizations.errors import DomainMissing
from kassa.organizations.models import OrganizationDomain

MOST_AT_ONCE = 500
CHECK_DOMAIN = "kassa.check_domain"
CHECKS = RateLimit("domain_checks", per="organisation", default=Rate(20, 3600, 10), is_shared=True)
CHECKS_OF_NAME = RateLimit("domain_checks_of_name", per="domain", default=Rate(30, 3600, 15), is_shared=True)
"""However many organisations name the same domain, its servers are asked no more often."""
PROVEN_EVERY, UNPROVEN_EVERY = timedelta(days=1), timedelta(hours=1)
UNPROVEN_FOR = timedelta(days=14)
"""How long a domain that nobody has proven is looked at without being asked to."""


@command(Permission.ORGANIZATION_WRITE)
def request_check(context: CommandContext) -> OrganizationDomain:
    """Have the worker look for the proof of an organisation's domain; return the domain as it is.

    Raises:
        DomainMissing: it has named none.
        TooManyRequests: it, or the domain, was checked too often.
    """
    organization_id, now = context.organization_id, context.now
    domain = get_domain(organization_id)
    require(CHECKS, str(organization_id), now=now)
    require(CHECKS_OF_NAME, domain.name, now=now)
    defer(CHECK_DOMAIN, organization_id)
    return domain


def check_due_domains(*, now: datetime, should_stop: ShouldStop) -> int:
    """Check the domains whose turn it is, those first that were not checked for longest; return how many."""
    is_checked = Q(proof__in=[DomainProof.DNS, DomainProof.FILE], checked_at__lt=now - PROVEN_EVERY)
    is_due = Q(checked_at=None) | Q(checked_at__lt=now - UNPROVEN_EVERY)
    is_awaited = Q(verified_at=None, created_at__gt=now - UNPROVEN_FOR) & is_due
    due = OrganizationDomain.objects.filter(is_checked | is_awaited, organization__deleted_at=None)
    checked = 0
    for domain in list(due.order_by(F("checked_at").asc(nulls_first=True), "pk")[:MOST_AT_ONCE]):
        if should_stop():
            break
        try:
            require(CHECKS_OF_NAME, domain.name, now=now)
            verify_domain(domain.pk, now=now)
        except (TooManyRequests, DomainMissing):
            continue
        checked += 1
    return checked
