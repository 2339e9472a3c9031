"""Who is asking, as the faces pass it down."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import models

from kassa.core.errors import NotFound, PermissionMissing
from kassa.core.permissions import Permission


class ActorKind(models.TextChoices):
    """Who did something."""

    USER = "user"
    """A person who is a member of the organisation."""
    API_KEY = "api_key"
    DEVICE = "device"
    """A scanner at a door."""
    BUYER = "buyer"
    """Whoever has the secret link of an order: its buyer, or somebody they trust with it."""
    HOLDER = "holder"
    """Whoever has the secret link of a ticket, or of the offer of one."""
    PLUGIN = "plugin"
    OPERATOR = "operator"
    """Whoever runs this installation, at its command line."""
    SYSTEM = "system"
    """Kassa itself, by the clock or on the word of a payment provider."""


NAMED_ACTORS = (ActorKind.USER, ActorKind.API_KEY, ActorKind.DEVICE, ActorKind.PLUGIN)
"""The kinds of actor of which there are several in an organisation, each with an id."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a program or the system itself, acting within one organisation."""

    organization_id: UUID
    kind: ActorKind
    id: UUID | None
    """None for the system and the operator, and for a buyer, whom a secret link does not name."""
    permissions: frozenset[Permission]
    role: str = ""
    """Of a member and of a key that has one."""
    event_ids: frozenset[UUID] | None = None
    """The events to which the actor is limited. None: all events of the organisation."""

    def require(self, permission: Permission) -> None:
        """Let the actor pass if it has the right.

        Raises:
            PermissionMissing: it has not.
        """
        if permission not in self.permissions:
            raise PermissionMissing(permission)

    def require_event(self, event_id: UUID) -> None:
        """Let the actor pass if it may know of an event.

        Raises:
            NotFound: it is limited to other events.
        """
        if self.event_ids is not None and event_id not in self.event_ids:
            raise NotFound

    @classmethod
    def member(
        cls,
        organization_id: UUID,
        user_id: UUID,
        permissions: frozenset[Permission],
        *,
        role: str = "",
        event_ids: frozenset[UUID] | None = None,
    ) -> Actor:
        """Return a person who is a member, with the rights of their membership."""
        return cls(organization_id, ActorKind.USER, user_id, permissions, role, event_ids)

    @classmethod
    def api_key(
        cls, organization_id: UUID, key_id: UUID, permissions: frozenset[Permission], *, role: str = ""
    ) -> Actor:
        """Return a program with the rights of its key."""
        return cls(organization_id, ActorKind.API_KEY, key_id, permissions, role)

    @classmethod
    def device(cls, organization_id: UUID, device_id: UUID, permissions: frozenset[Permission]) -> Actor:
        """Return a scanner, with the rights of the key that it has."""
        return cls(organization_id, ActorKind.DEVICE, device_id, permissions)

    @classmethod
    def plugin(cls, organization_id: UUID, plugin_id: UUID, permissions: frozenset[Permission]) -> Actor:
        """Return a plugin, with the rights that the organisation gave it."""
        return cls(organization_id, ActorKind.PLUGIN, plugin_id, permissions)

    @classmethod
    def buyer(cls, organization_id: UUID) -> Actor:
        """Return whoever has the secret link of an order; the rules of each command say what they may do."""
        return cls(organization_id, ActorKind.BUYER, None, frozenset())

    @classmethod
    def holder(cls, organization_id: UUID, ticket_id: UUID) -> Actor:
        """Return whoever has the secret link of a ticket; they may do something with this ticket alone."""
        return cls(organization_id, ActorKind.HOLDER, ticket_id, frozenset())

    @classmethod
    def operator(cls, organization_id: UUID) -> Actor:
        """Return whoever runs the installation, who may do everything in each organisation."""
        return cls(organization_id, ActorKind.OPERATOR, None, frozenset(Permission))

    @classmethod
    def system(cls, organization_id: UUID) -> Actor:
        """Return Kassa itself, which acts by the clock and may do everything."""
        return cls(organization_id, ActorKind.SYSTEM, None, frozenset(Permission))
