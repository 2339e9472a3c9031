"""The signal that a domain of an organisation was changed: for packages above, which log it and write mails.

It is sent in the transaction of the change, with the arguments of :func:`send_domain_change`.
"""

from __future__ import annotations

from uuid import UUID

from django.dispatch import Signal

from kassa.core.actor import Actor
from kassa.organizations.enums import DomainChange, DomainProblem, DomainProof

domain_changed = Signal()


def send_domain_change(
    organization_id: UUID,
    change: DomainChange,
    name: str,
    *,
    proof: DomainProof | None = None,
    problem: DomainProblem | None = None,
    actor: Actor | None = None,
) -> None:
    """Say what has become of a domain.

    ``actor`` is whoever has done it. None: Kassa itself.
    """
    domain_changed.send(
        sender=DomainChange,
        organization_id=organization_id,
        change=change,
        name=name,
        proof=proof,
        problem=problem,
        actor=actor,
    )
