"""Reads of people, their memberships, and the security log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from kassa.core.actor import ActorKind
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.identity.enums import SecurityEventKind, UserStatus
from kassa.identity.models import AccountSecurityEvent, ApiKey, Invitation, Membership, SecurityEvent, User
from kassa.identity.permissions import build_rights


def members_of(organization_id: UUID) -> QuerySet[Membership]:
    """Return an organisation's members together with who they are."""
    return Membership.objects.of(organization_id).select_related("user")


def member_of(organization_id: UUID, member_id: UUID) -> Membership:
    """Return one member.

    Raises:
        NotFound: the organisation has no such member.
    """
    member = members_of(organization_id).filter(id=member_id).first()
    if member is None:
        raise NotFound
    return member


def list_invitations(organization_id: UUID) -> QuerySet[Invitation]:
    """Return all invitations of an organisation, whatever was answered."""
    return Invitation.objects.of(organization_id)


def get_invitation(organization_id: UUID, invitation_id: UUID) -> Invitation:
    """Return one invitation.

    Raises:
        NotFound: the organisation has no such invitation.
    """
    found = Invitation.objects.of(organization_id).filter(id=invitation_id).first()
    if found is None:
        raise NotFound
    return found


def list_memberships(user: User) -> list[Membership]:
    """Return a person's memberships with their organisations, by name."""
    memberships = Membership.unscoped.filter(user=user, organization__deleted_at=None)
    return list(memberships.select_related("organization").order_by("organization__name", "id"))


def rights_of(member: Membership) -> frozenset[Permission]:
    """Return all a member may do: what the role allows, and the rights beside it."""
    return build_rights(member.role, member.permissions)


def list_security_events(
    organization_id: UUID, *, kind: SecurityEventKind | None = None, actor_id: UUID | None = None
) -> QuerySet[SecurityEvent]:
    """Return the security log of an organisation, or its entries of one kind or one actor."""
    events = SecurityEvent.objects.of(organization_id)
    if kind is not None:
        events = events.filter(kind=kind)
    if actor_id is not None:
        events = events.filter(actor_id=actor_id)
    return events


def list_account_events(user: User) -> QuerySet[AccountSecurityEvent]:
    """Return the security log of a person's account, newest first."""
    return AccountSecurityEvent.objects.filter(user_id=user.id).order_by("-id")


def find_actor_names(organization_id: UUID, events: Iterable[SecurityEvent]) -> dict[UUID, str]:
    """Return what the actors of entries are called: a key by its name, a person by theirs.

    An actor who no longer exists has no name.
    """
    actors: dict[ActorKind, set[UUID]] = defaultdict(set)
    for event in events:
        if event.actor_kind is not None and event.actor_id is not None:
            actors[ActorKind(event.actor_kind)].add(event.actor_id)
    keys = ApiKey.objects.of(organization_id).filter(id__in=actors[ActorKind.API_KEY])
    people = User.objects.filter(id__in=actors[ActorKind.USER])
    return {**dict(keys.values_list("id", "name")), **dict(people.values_list("id", "name"))}


def find_user(user_id: UUID) -> User | None:
    """Return a person. None: there is none, or not any more."""
    return User.objects.filter(id=user_id).first()


def is_suspended_address(email: str) -> bool:
    """Say whether an address is that of an account which is suspended."""
    return User.objects.filter(email=email, status=UserStatus.INACTIVE).exists()
