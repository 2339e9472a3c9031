"""Members of an organisation: given other rights, removed, leaving by themselves, handing over.

They join by accepting an invitation. The database refuses to leave an organisation that had an owner without
one, also when two owners leave at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.core.activity_log import record_activity, snapshot
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import violated_constraint
from kassa.core.email_addresses import InvalidEmailAddress, parse_email_address
from kassa.core.errors import AlreadyExists, InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import Role, SecurityEventKind
from kassa.identity.errors import LastOwner, RightsBeyondOwn
from kassa.identity.models import Membership, User
from kassa.identity.models.members import LAST_OWNER, ONCE
from kassa.identity.queries import member_of, members_of, rights_of


def join_organization(
    context: CommandContext,
    *,
    user: User,
    role: Role,
    permissions: Iterable[str] = (),
    invitation_id: UUID | None = None,
) -> Membership:
    """Make a person who has agreed to it a member. People come here by accepting an invitation.

    It is their own doing, whoever acts in the context.

    Raises:
        AlreadyExists: they are a member already.
    """
    try:
        with transaction.atomic():
            member = Membership.unscoped.create(
                organization_id=context.organization_id,
                user=user,
                role=role,
                permissions=sorted(set(permissions)),
                created_at=context.now,
                updated_at=context.now,
            )
            context = replace(context, actor=_acting(member))
            invitation = str(invitation_id) if invitation_id else None
            _record(SecurityEventKind.MEMBER_ADDED, member, context, invitation=invitation)
            record_activity(context, "member.joined", member)
    except IntegrityError as error:
        if violated_constraint(error) != ONCE:
            raise
        raise AlreadyExists("You are a member of this organisation already.") from error
    return member


@command(Permission.MEMBER_WRITE)
def change_member(
    context: CommandContext,
    member_id: UUID,
    *,
    role: Role | None = None,
    extra_permissions: Iterable[Permission] | None = None,
    expected: datetime | None = None,
) -> Membership:
    """Give a member another role or other rights beside it; None leaves them as they are.

    Raises:
        NotFound: the organisation has no such member.
        RightsBeyondOwn: the member has, or would get, more rights than the actor.
        LastOwner: there would be no owner left.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    with _one_owner_left(), transaction.atomic():
        member = _lock(context.organization_id, member_id)
        _require_within(context.actor, member)
        require_version(member, expected)
        before = snapshot(member)
        if role is not None:
            member.role = role
        if extra_permissions is not None:
            member.permissions = sorted(set(extra_permissions))
        _require_within(context.actor, member)
        _save(member, now=context.now)
        _record(SecurityEventKind.MEMBER_CHANGED, member, context)
        record_activity(context, "member.changed", member, before=before)
    return member


@command(Permission.MEMBER_WRITE)
def remove_member(context: CommandContext, member_id: UUID) -> None:
    """End a membership; the person and what they did stay.

    Raises:
        NotFound: the organisation has no such member.
        RightsBeyondOwn: the member has more rights than the actor.
        LastOwner: there would be no owner left.
    """
    with _one_owner_left(), transaction.atomic():
        member = _lock(context.organization_id, member_id)
        _require_within(context.actor, member)
        _record(SecurityEventKind.MEMBER_REMOVED, member, context)
        record_activity(context, "member.removed", member, before=snapshot(member), after={})
        member.delete()


@command(None)
def leave_organization(context: CommandContext, *, user: User) -> None:
    """End a person's own membership; nobody has to agree.

    Raises:
        NotFound: they are no member.
        LastOwner: there would be no owner left.
    """
    with _one_owner_left(), transaction.atomic():
        member = _lock_own(context.organization_id, user)
        context = replace(context, actor=_acting(member))
        _record(SecurityEventKind.MEMBER_LEFT, member, context)
        record_activity(context, "member.left", member, before=snapshot(member), after={})
        member.delete()


@command(None)
def hand_over_ownership(context: CommandContext, *, user: User, to_member_id: UUID) -> None:
    """Make another member the owner in a person's own place; who hands over becomes an admin.

    Raises:
        NotFound: they are no owner, or there is no such other member.
    """
    with transaction.atomic():
        own = _lock_own(context.organization_id, user)
        if own.role != Role.OWNER or own.id == to_member_id:
            raise NotFound
        successor = _lock(context.organization_id, to_member_id)
        context = replace(context, actor=_acting(own))
        changes = [(successor, Role.OWNER), (own, Role.ADMIN)]  # there is an owner at every moment
        for member, role in changes:
            before = snapshot(member)
            member.role = role
            _save(member, now=context.now)
            _record(SecurityEventKind.MEMBER_CHANGED, member, context)
            record_activity(context, "member.changed", member, before=before)


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
    kind: SecurityEventKind, member: Membership, context: CommandContext, **facts: str | None
) -> None:
    record_security_event(
        kind,
        now=context.now,
        organization_id=member.organization_id,
        actor=context.actor,
        subject_id=member.user_id,
        details={"role": member.role, "extra_permissions": member.permissions, **facts},
    )


def _require_within(actor: Actor, member: Membership) -> None:
    beyond = rights_of(member) - actor.permissions
    if beyond:
        raise RightsBeyondOwn(beyond)
