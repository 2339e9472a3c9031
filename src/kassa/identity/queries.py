"""Reads of people and their memberships."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from kassa.core.errors import NotFound
from kassa.identity.enums import Role
from kassa.identity.models import Membership
from kassa.identity.permissions import ROLE_PERMISSIONS, Permission


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


def rights_of(member: Membership) -> frozenset[Permission]:
    """Return all a member may do: what the role allows, and the rights beside it."""
    known = frozenset(Permission)
    beside = {Permission(name) for name in member.permissions if name in known}
    return ROLE_PERMISSIONS[Role(member.role)] | beside
