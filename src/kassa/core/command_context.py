"""What a command is given beside what it is to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.permissions import Permission
from kassa.core.request_origin import current_origin, current_request_id


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Who acts, when, why and from where; it travels with the transaction into the history and the log."""

    actor: Actor
    now: datetime
    reason: str = ""
    request_id: UUID | None = None
    """None: there is no request, as in the worker and on the command line."""
    address: str | None = None
    """The address of the client. None: there is none, or it is not known."""

    @property
    def organization_id(self) -> UUID:
        """The organisation in which the actor acts."""
        return self.actor.organization_id

    @property
    def permissions(self) -> frozenset[Permission]:
        """The rights of the actor."""
        return self.actor.permissions

    @classmethod
    def system(cls, organization_id: UUID, *, now: datetime, reason: str = "") -> CommandContext:
        """Return the context in which Kassa itself acts."""
        return cls(Actor.system(organization_id), now, reason)


def build_context(actor: Actor, *, reason: str = "", now: datetime | None = None) -> CommandContext:
    """Return the context of a command that the request of this thread asks for; for faces only.

    ``now`` is the present moment unless it is given.
    """
    return CommandContext(actor, now or utc_now(), reason, current_request_id(), current_origin().address)
