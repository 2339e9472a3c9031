"""Domains that organisations name as their own: named, proven, checked again, given up."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from kassa.core.activity_log import record_activity
from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import violated_constraint
from kassa.core.permissions import Permission
from kassa.organizations.domain.addresses import is_reserved_domain
from kassa.organizations.domain.domain_changes import send_domain_change
from kassa.organizations.domain.domain_proof import Finding, find_proof
from kassa.organizations.enums import DomainChange, DomainProblem, DomainProof
from kassa.organizations.errors import DomainMissing
from kassa.organizations.models import ONE_VERIFIED_DOMAIN, OrganizationDomain

GRACE = timedelta(days=7)
"""How long a proven domain is still served after its token is not found any more."""
STRENGTH = {DomainProof.UPGRADE: 0, DomainProof.FILE: 1, DomainProof.DNS: 2, DomainProof.OPERATOR: 3}
"""Whose proof is stronger keeps a domain, or takes it over; of two alike the first one keeps it."""


@command(Permission.ORGANIZATION_WRITE)
def name_domain(context: CommandContext, name: str | None) -> None:
    """Name the domain of an organisation. Another one than before has to be proven. None: give it up."""
    organization_id, actor = context.organization_id, context.actor
    domains = OrganizationDomain.objects.filter(organization_id=organization_id)
    with transaction.atomic():
        former = domains.values_list("name", flat=True).first()
        if name == former:
            return
        domains.delete()
        if former is not None:
            send_domain_change(organization_id, DomainChange.REMOVED, former, actor=actor)
        if name is not None:
            OrganizationDomain.objects.create(
                organization_id=organization_id, name=name, token=secrets.token_hex(32)
            )
            send_domain_change(organization_id, DomainChange.ADDED, name, actor=actor)
        subject = ("organizationdomain", None)
        record_activity(context, "domain.changed", subject, before={"name": former}, after={"name": name})


def get_domain(organization_id: UUID) -> OrganizationDomain:
    """Return the domain that an organisation has named.

    Raises:
        DomainMissing: it has named none.
    """
    domain = OrganizationDomain.objects.filter(organization_id=organization_id).first()
    if domain is None:
        raise DomainMissing
    return domain


def verify_domain(organization_id: UUID, *, now: datetime) -> OrganizationDomain:
    """Look for the proof of an organisation's domain, and write down what was found.

    It takes some seconds and must not run in a transaction. A proof takes the domain from an organisation
    whose own is weaker or gone.

    Raises:
        DomainMissing: it has named none.
    """
    domain = get_domain(organization_id)
    if domain.proof == DomainProof.OPERATOR:
        return domain
    if is_reserved_domain(domain.name):
        finding = Finding(None, DomainProblem.RESERVED)
    else:
        finding = find_proof(domain.name, domain.token)
    if finding.proof is None:
        _record_problem(domain, finding.problem or DomainProblem.NOT_FOUND, now=now)
    else:
        _take(domain, finding.proof, now=now)
    return get_domain(organization_id)


@command(None, or_kinds=[ActorKind.OPERATOR])
def trust_domain(context: CommandContext) -> OrganizationDomain:
    """Take the operator's word that a domain is the organisation's.

    Raises:
        DomainMissing: it has named none.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        _take(get_domain(organization_id), DomainProof.OPERATOR, now=context.now)
        domain = get_domain(organization_id)
        after = {"name": domain.name, "proof": domain.proof}
        record_activity(context, "domain.trusted", ("organizationdomain", None), after=after)
    return domain


def _take(domain: OrganizationDomain, proof: DomainProof, *, now: datetime) -> None:
    """Give a domain to the organisation that has proven it, unless another one keeps it."""
    claims = OrganizationDomain.objects.filter(name=domain.name).select_related("organization")
    holder = claims.filter(verified_at__isnull=False).exclude(pk=domain.pk).first()
    if holder is not None and _keeps(holder, against=proof):
        _record_problem(domain, DomainProblem.TAKEN, now=now)
        return
    try:
        with transaction.atomic():
            if holder is not None:
                _release(holder, DomainProblem.TAKEN, now=now)
            updated = _unchanged(domain).update(
                proof=proof,
                verified_at=domain.verified_at or now,
                checked_at=now,
                failing_since=None,
                problem="",
            )
            if updated and (domain.proof != proof or domain.failing_since is not None):
                change = DomainChange.PROVEN if domain.failing_since is None else DomainChange.RECOVERED
                send_domain_change(domain.pk, change, domain.name, proof=proof)
    except IntegrityError as error:
        if violated_constraint(error) != ONE_VERIFIED_DOMAIN:
            raise
        _record_problem(domain, DomainProblem.TAKEN, now=now)


def _keeps(holder: OrganizationDomain, *, against: DomainProof) -> bool:
    """Say whether an organisation keeps its domain although another one has just proven it as well."""
    if holder.organization.deleted_at is not None:
        return False
    proof = DomainProof(holder.proof)
    if proof in (DomainProof.DNS, DomainProof.FILE):
        finding = find_proof(holder.name, holder.token)
        if finding.proof is None:
            return finding.problem == DomainProblem.UNREACHABLE
        proof = finding.proof
    return STRENGTH[proof] >= STRENGTH[against]


def _record_problem(domain: OrganizationDomain, problem: DomainProblem, *, now: datetime) -> None:
    """Write down what a check lacked; a proven domain is lost when it has been missing for long."""
    if domain.verified_at is None or problem == DomainProblem.RESERVED:
        _release(domain, problem, now=now)
        return
    since = domain.failing_since
    if problem == DomainProblem.NOT_FOUND and domain.proof != DomainProof.UPGRADE:
        since = since or now
        if now - since >= GRACE:
            _release(domain, problem, now=now)
            return
    with transaction.atomic():
        unchanged = _unchanged(domain).filter(failing_since=domain.failing_since)
        updated = unchanged.update(checked_at=now, problem=problem, failing_since=since)
        if updated and since != domain.failing_since:
            send_domain_change(domain.pk, DomainChange.FAILING, domain.name, problem=problem)


def _release(domain: OrganizationDomain, problem: DomainProblem, *, now: datetime) -> None:
    with transaction.atomic():
        updated = _unchanged(domain).update(
            proof="", verified_at=None, failing_since=None, checked_at=now, problem=problem
        )
        if updated and domain.verified_at is not None:
            send_domain_change(domain.pk, DomainChange.LOST, domain.name, problem=problem)


def _unchanged(domain: OrganizationDomain) -> QuerySet[OrganizationDomain]:
    """Return the row of a domain, unless it was named anew or proven while it was checked."""
    return OrganizationDomain.objects.filter(pk=domain.pk, token=domain.token, proof=domain.proof)
