"""The mail to owners and admins whose organisation loses its domain, or is about to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import translation

from kassa.core.errors import NotFound
from kassa.core.formatting import format_date
from kassa.identity.enums import Role, UserStatus
from kassa.identity.models import User
from kassa.identity.queries import members_of
from kassa.organizations.domain.domain_proof import FILE_PATH, RECORD, format_proof
from kassa.organizations.domain.domains import GRACE
from kassa.organizations.enums import DomainChange, DomainProblem
from kassa.organizations.models import Organization, OrganizationDomain
from kassa.organizations.queries import find_domain, organization_settings
from kassa.storefront.account.account_emails import DOMAIN_FAILING, DOMAIN_LOST, DOMAIN_PROBLEMS
from kassa.storefront.account.queue_letter import queue_letter


def write_domain_mail(organization_id: UUID, change: DomainChange, name: str, *, now: datetime) -> None:
    """Write the mail to all owners and admins, unless the domain is in order again or another one."""
    try:
        found = organization_settings(organization_id)
    except NotFound:
        return
    domain = find_domain(organization_id, name)
    is_failing = domain is not None and domain.failing_since is not None
    is_lost = domain is not None and domain.verified_at is None
    if domain is None or not (is_failing if change == DomainChange.FAILING else is_lost):
        return
    managers = members_of(organization_id).filter(role__in=[Role.OWNER, Role.ADMIN])
    for member in managers.filter(user__status=UserStatus.ACTIVE).order_by("id"):
        language = member.user.language or found.default_language
        with translation.override(language):
            _write(member.user, domain, found.organization, language=language, now=now)


def _write(
    user: User, domain: OrganizationDomain, organization: Organization, *, language: str, now: datetime
) -> None:
    facts = {
        "organization": organization.name,
        "domain": domain.name,
        "shop": f"{settings.BASE_URL}/{organization.slug}/",
        "record": f"{RECORD}.{domain.name}",
        "file": f"https://{domain.name}{FILE_PATH}",
        "value": format_proof(domain.token),
    }
    if domain.failing_since is None:
        reason = DOMAIN_PROBLEMS[DomainProblem(domain.problem)]
        queue_letter(user.email, DOMAIN_LOST, {**facts, "reason": reason}, now=now)
        return
    days = {
        "since": format_date(domain.failing_since.date(), language),
        "until": format_date((domain.failing_since + GRACE).date(), language),
    }
    queue_letter(user.email, DOMAIN_FAILING, {**facts, **days}, now=now)
