"""Members of an organisation: given other rights, removed, leaving by themselves, handing over.

They join by accepting an invitation. The database refuses to leave an organisation that had an owner without
one, also when two owners leave at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.core.actor import Actor
from kassa.core.database import violated_constraint
from kassa.core.email_addresses import InvalidEmailAddress, parse_email_address
from kassa.core.errors import AlreadyExists, InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import Role, SecurityEventKind
from kassa.identity.errors import LastOwner, RightsBeyondOwn
from kassa.identity.models import Membership, User
from kassa.identity.models.members import LAST_OWNER, ONCE
from kassa.identity.queries import member_of, members_of, rights_of


def join_organization(
    organization_id: UUID,
    *,
    user: User,
    role: Role,
    permissions: Iterable[str] = (),
    now: datetime,
    invitation_id: UUID | None = None,
) -> Membership:
    """Make a person who has agreed to it a member. People come here by accepting an invitation.

    Raises:
        AlreadyExists: they are a member already.
    """
    try:
        with transaction.atomic():
            member = Membership.unscoped.create(
                organization_id=organization_id,
                user=user,
                role=role,
                permissions=sorted(set(permissions)),
                created_at=now,
                updated_at=now,
            )
            _record(
                SecurityEventKind.MEMBER_ADDED,
                member,
                actor=_acting(member),
                now=now,
                invitation=str(invitation_id) if invitation_id else None,
            )
    except IntegrityError as error:
        if violated_constraint(error) != ONCE:
            raise
        raise AlreadyExists("You are a member of this organisation already.") from error
    return member


def change_member(
    organization_id: UUID,
    *,
    member_id: UUID,
    actor: Actor,
    now: datetime,
    role: Role | None = None,
    extra_permissions: Iterable[Permission] | None = None,
) -> Membership:
    """Give a member another role or other rights beside it; None leaves them as they are.

    Raises:
        NotFound: the organisation has no such member.
        RightsBeyondOwn: the member has, or would get, more rights than the actor.
        LastOwner: there would be no owner left.
    """
    with _one_owner_left(), transaction.atomic():
        member = _lock(organization_id, member_id)
        _require_within(actor, member)
        if role is not None:
            member.role = role
        if extra_permissions is not None:
            member.permissions = sorted(set(extra_permissions))
        _require_within(actor, member)
        _save(member, now=now)
        _record(SecurityEventKind.MEMBER_CHANGED, member, actor=actor, now=now)
    return member


def remove_member(organization_id: UUID, *, member_id: UUID, actor: Actor, now: datetime) -> None:
    """End a membership; the person and what they did stay.

    Raises:
        NotFound: the organisation has no such member.
        RightsBeyondOwn: the member has more rights than the actor.
        LastOwner: there would be no owner left.
    """
    with _one_owner_left(), transaction.atomic():
        member = _lock(organization_id, member_id)
        _require_within(actor, member)
        _record(SecurityEventKind.MEMBER_REMOVED, member, actor=actor, now=now)
        member.delete()


def leave_organization(organization_id: UUID, *, user: User, now: datetime) -> None:
    """End a person's own membership; nobody has to agree.

    Raises:
        NotFound: they are no member.
        LastOwner: there would be no owner left.
    """
    with _one_owner_left(), transaction.atomic():
        member = _lock_own(organization_id, user)
        _record(SecurityEventKind.MEMBER_LEFT, member, actor=_acting(member), now=now)
        member.delete()


def hand_over_ownership(organization_id: UUID, *, user: User, to_member_id: UUID, now: datetime) -> None:
    """Make another member the owner in a person's own place; who hands over becomes an admin.

    Raises:
        NotFound: they are no owner, or there is no such other member.
    """
    with transaction.atomic():
        own = _lock_own(organization_id, user)
        if own.role != Role.OWNER or own.id == to_member_id:
            raise NotFound
        successor, actor = _lock(organization_id, to_member_id), _acting(own)
        successor.role, own.role = Role.OWNER, Role.ADMIN
        for member in (successor, own):  # in this order: there is an owner at every moment
            _save(member, now=now)
            _record(SecurityEventKind.MEMBER_CHANGED, member, actor=actor, now=now)


def normal_email(email: str) -> str:
    """Return an address as Kassa keeps it, so that one address is one person.

    Raises:
        InvalidInput: it is not an e-mail address.
    """
    try:
        return parse_email_address(email).key
    except InvalidEmailAddress as error:
        raise InvalidInput(str(error), field="email") from error


@contextmanager
def _one_owner_left() -> Iterator[None]:
    """Tell in Kassa's words that the database keeps the last owner."""
    try:
        yield
    except IntegrityError as error:
        if violated_constraint(error) != LAST_OWNER:
            raise
        raise LastOwner from error


def _lock(organization_id: UUID, member_id: UUID) -> Membership:
    list(Membership.objects.of(organization_id).filter(id=member_id).select_for_update(no_key=True))
    return member_of(organization_id, member_id)


def _lock_own(organization_id: UUID, user: User) -> Membership:
    own = members_of(organization_id).filter(user=user).first()
    if own is None:
        raise NotFound("You are not a member of this organisation.")
    return _lock(organization_id, own.id)


def _save(member: Membership, *, now: datetime) -> None:
    member.updated_at = now
    member.save(update_fields=["role", "permissions", "updated_at"])


def _acting(member: Membership) -> Actor:
    return Actor.member(member.organization_id, member.user_id, rights_of(member), role=member.role)


def _record(
    kind: SecurityEventKind, member: Membership, *, actor: Actor, now: datetime, **facts: str | None
) -> None:
    record_security_event(
        kind,
        now=now,
        organization_id=member.organization_id,
        actor=actor,
        subject_id=member.user_id,
        details={"role": member.role, "extra_permissions": member.permissions, **facts},
    )


def _require_within(actor: Actor, member: Membership) -> None:
    beyond = rights_of(member) - actor.permissions
    if beyond:
        raise RightsBeyondOwn(beyond)
