"""Who is asking, as the faces pass it down."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import models

from kassa.core.errors import PermissionMissing
from kassa.core.permissions import Permission


class ActorKind(models.TextChoices):
    """Who did something."""

    USER = "user"
    API_KEY = "api_key"
    BUYER = "buyer"
    """Whoever has the secret link of an order: its buyer, or somebody they trust with it."""
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, a program or the system itself, acting within one organisation."""

    organization_id: UUID
    kind: ActorKind
    id: UUID | None
    """None for the system itself, and for a buyer, whom a secret link does not name."""
    permissions: frozenset[Permission]

    def require(self, permission: Permission) -> None:
        """Let the actor pass if it has the right.

        Raises:
            PermissionMissing: it has not.
        """
        if permission not in self.permissions:
            raise PermissionMissing(permission)

    @classmethod
    def system(cls, organization_id: UUID) -> Actor:
        """Return Kassa itself, which acts by the clock and may do everything."""
        return cls(organization_id, ActorKind.SYSTEM, None, frozenset(Permission))

    @classmethod
    def member(cls, organization_id: UUID, user_id: UUID, permissions: frozenset[Permission]) -> Actor:
        """Return a person who is a member, with the rights of their membership."""
        return cls(organization_id, ActorKind.USER, user_id, permissions)

    @classmethod
    def buyer(cls, organization_id: UUID) -> Actor:
        """Return whoever has the secret link of an order; what they may do, the rules of the deed say."""
        return cls(organization_id, ActorKind.BUYER, None, frozenset())
