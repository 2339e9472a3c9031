"""What becomes of the domains of organisations stands in the security log; some of it is mailed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.jobs import defer
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.organizations.domain.domain_changes import domain_changed
from kassa.organizations.enums import DomainChange, DomainProblem, DomainProof

WRITE_DOMAIN_MAIL = "kassa.write_domain_mail"
"""The job that writes the mail: it knows the words, which the domain does not."""
MAILED = frozenset({DomainChange.FAILING, DomainChange.LOST})


@receiver(domain_changed)
def record_domain_change(
    *,
    organization_id: UUID,
    change: DomainChange,
    name: str,
    proof: DomainProof | None,
    problem: DomainProblem | None,
    actor: Actor | None,
    **_: Any,
) -> None:
    """Record a change, and ask the worker for the mail about it."""
    facts = {"domain": name, "proof": proof, "problem": problem}
    record_security_event(
        SecurityEventKind(f"domain.{change}"),
        now=utc_now(),
        organization_id=organization_id,
        actor=actor or Actor.system(organization_id),
        subject_id=organization_id,
        details={key: str(value) for key, value in facts.items() if value},
    )
    if change in MAILED:
        defer(WRITE_DOMAIN_MAIL, organization_id, change=str(change), name=name)
