"""Members join an organisation, change their role, and leave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from kassa.core.email_addresses import InvalidEmailAddress, parse_email_address
from kassa.core.errors import AlreadyExists, InvalidInput
from kassa.identity.actor import Actor
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import Role, SecurityEventKind, UserStatus
from kassa.identity.errors import LastOwner, RightsBeyondOwn
from kassa.identity.models import Membership, User
from kassa.identity.permissions import Permission
from kassa.identity.queries import member_of, members_of, rights_of


def add_member(
    organization_id: UUID,
    *,
    email: str,
    role: Role,
    actor: Actor,
    now: datetime,
    name: str | None = None,
    extra_permissions: Iterable[Permission] = (),
) -> Membership:
    """Make a person a member. One whom Kassa does not know yet becomes a pending user.

    Raises:
        AlreadyExists: the person is a member.
        InvalidInput: the address is not an e-mail address.
        RightsBeyondOwn: the role allows more than the actor may do.
    """
    address = normal_email(email)
    member = Membership(
        organization_id=organization_id,
        role=role,
        permissions=sorted(set(extra_permissions)),
        created_at=now,
        updated_at=now,
    )
    _require_within(actor, member)
    try:
        with transaction.atomic():
            member.user = _known_or_pending(address, name, now)
            member.save(force_insert=True)
            _record(SecurityEventKind.MEMBER_ADDED, member, actor=actor, now=now)
    except IntegrityError as error:
        raise AlreadyExists(f"{address} is a member already. Change the role instead.") from error
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
    """Give a member another role or other rights beside it; null leaves them as they are.

    Raises:
        NotFound: the organisation has no such member.
        RightsBeyondOwn: the member has, or would get, more rights than the actor.
        LastOwner: there would be no owner left.
    """
    with transaction.atomic():
        member = _locked(organization_id, member_id)
        _require_within(actor, member)
        if role is not None and role != Role.OWNER:
            _require_another_owner(member)
        if role is not None:
            member.role = role
        if extra_permissions is not None:
            member.permissions = sorted(set(extra_permissions))
        member.updated_at = now
        _require_within(actor, member)
        Membership.objects.of(organization_id).filter(id=member_id).update(
            role=member.role, permissions=member.permissions, updated_at=now
        )
        _record(SecurityEventKind.MEMBER_CHANGED, member, actor=actor, now=now)
    return member


def remove_member(organization_id: UUID, *, member_id: UUID, actor: Actor, now: datetime) -> None:
    """End a membership; the person and what they did stay.

    Raises:
        NotFound: the organisation has no such member.
        RightsBeyondOwn: the member has more rights than the actor.
        LastOwner: there would be no owner left.
    """
    with transaction.atomic():
        member = _locked(organization_id, member_id)
        _require_within(actor, member)
        _require_another_owner(member)
        _record(SecurityEventKind.MEMBER_REMOVED, member, actor=actor, now=now)
        Membership.objects.of(organization_id).filter(id=member_id).delete()


def normal_email(email: str) -> str:
    """Return an address as Kassa keeps it, so that one address is one person.

    Raises:
        InvalidInput: it is not an e-mail address.
    """
    try:
        return parse_email_address(email).key
    except InvalidEmailAddress as error:
        raise InvalidInput(str(error), field="email") from error


def _record(kind: SecurityEventKind, member: Membership, *, actor: Actor, now: datetime) -> None:
    record_security_event(
        kind,
        now=now,
        organization_id=member.organization_id,
        actor=actor,
        subject_id=member.user_id,
        details={"role": member.role, "extra_permissions": member.permissions},
    )


def _known_or_pending(address: str, name: str | None, now: datetime) -> User:
    user, _ = User.objects.get_or_create(
        email=address,
        defaults={
            "name": (name or address.rpartition("@")[0])[:200],
            "password": make_password(None),
            "status": UserStatus.PENDING,
            "created_at": now,
        },
    )
    return user


def _locked(organization_id: UUID, member_id: UUID) -> Membership:
    """Return a member after locking it and all owners, so that two owners cannot leave at once."""
    rows = Membership.objects.of(organization_id)
    wanted = rows.filter(id=member_id) | rows.filter(role=Role.OWNER)
    list(wanted.order_by("id").select_for_update(no_key=True))
    return member_of(organization_id, member_id)


def _require_another_owner(member: Membership) -> None:
    if member.role != Role.OWNER:
        return
    others = members_of(member.organization_id).filter(role=Role.OWNER).exclude(id=member.id)
    if not others.exists():
        raise LastOwner


def _require_within(actor: Actor, member: Membership) -> None:
    beyond = rights_of(member) - actor.permissions
    if beyond:
        raise RightsBeyondOwn(beyond)
