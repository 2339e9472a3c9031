"""People who join organisations as people do: invited, and accepting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.permissions import Permission
from kassa.identity.domain.accept_invitation import accept_invitation
from kassa.identity.domain.invitations import invite_member
from kassa.identity.enums import Role
from kassa.identity.models import Membership, User


def make_user(email: str, *, name: str = "Ada Lovelace") -> User:
    """Return the person with an address that is proven to be theirs; made if there is none."""
    email = email.strip().lower()
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
    EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def join(
    organization_id: UUID,
    email: str,
    role: Role,
    *,
    actor: Actor | None = None,
    extra_permissions: Iterable[Permission] = (),
    now: datetime | None = None,
) -> Membership:
    """Invite somebody and let them accept; return the membership."""
    moment = now or utc_now()
    invitation, _ = invite_member(
        CommandContext(actor or Actor.system(organization_id), moment),
        email=email,
        role=role,
        extra_permissions=extra_permissions,
    )
    return accept_invitation(
        CommandContext.system(organization_id, now=moment), invitation.id, user=make_user(email)
    )
