"""Invitations of an organisation: sent, sent again, revoked.

An organisation learns nothing of whom it invites but the answer: not who they are, not when they were here
last, not even whether there is an account with the address.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from procrastinate.contrib.django import app

from kassa.core.activity_log import record_activity, snapshot
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import violated_constraint
from kassa.core.errors import AlreadyExists
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.core.secrets import encrypt
from kassa.identity.domain.members import normal_email
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import InvitationStatus, Role, SecurityEventKind
from kassa.identity.errors import InvitationOver, RightsBeyondOwn, TooManyInvitations
from kassa.identity.models import Invitation
from kassa.identity.models.invitations import ONE_OPEN
from kassa.identity.permissions import build_rights
from kassa.identity.queries import get_invitation, members_of
from kassa.organizations.queries import organization_settings

PERIOD = timedelta(days=7)
MAILS_PER_DAY = 100
"""How many mails with invitations an organisation sends in a day."""
MAILS_PER_INVITATION = 5
PERSONAL = frozenset({"email", "name"})
"""What the log names and does not store."""
WRITE_INVITATION = "kassa.write_invitation"
"""The job that writes the mail: it knows the words, which the domain does not."""


@command(Permission.MEMBER_WRITE)
def invite_member(
    context: CommandContext,
    *,
    email: str,
    role: Role,
    name: str | None = None,
    extra_permissions: Iterable[Permission] = (),
    language: Language | None = None,
) -> tuple[Invitation, str]:
    """Invite whoever reads an address; return the invitation and the secret of its link.

    Raises:
        AlreadyExists: they are a member, or are invited already.
        InvalidInput: the address is not an e-mail address.
        RightsBeyondOwn: the role allows more than the actor may do.
        TooManyInvitations: the organisation has sent too many today.
    """
    organization_id, actor, now = context.organization_id, context.actor, context.now
    address = normal_email(email)
    permissions = sorted(set(extra_permissions))
    _require_within(actor, role, permissions)
    _require_budget(organization_id, now)
    if members_of(organization_id).filter(user__email=address).exists():
        raise AlreadyExists(f"{address} is a member already. Change the role instead.")
    token = secrets.token_urlsafe(32)
    settings = organization_settings(organization_id)
    try:
        with transaction.atomic():
            _end_overdue(organization_id, address, now)
            invitation = Invitation.unscoped.create(
                organization_id=organization_id,
                email=address,
                name=name or "",
                role=role,
                permissions=permissions,
                language=language or settings.default_language,
                token_hash=hash_token(token),
                invited_by_kind=actor.kind,
                invited_by=actor.id,
                created_at=now,
                sent_at=now,
                expires_at=now + PERIOD,
            )
            _record(SecurityEventKind.MEMBER_INVITED, invitation, context)
            record_activity(context, "invitation.created", invitation, concealed=PERSONAL)
            _defer_mail(invitation, token)
    except IntegrityError as error:
        if violated_constraint(error) != ONE_OPEN:
            raise
        raise AlreadyExists(f"{address} is invited already. Send the invitation again.") from error
    return invitation, token


@command(Permission.MEMBER_WRITE)
def resend_invitation(context: CommandContext, invitation_id: UUID) -> tuple[Invitation, str]:
    """Send an invitation again, with a new link that is good for a week; return both. The old link ends.

    An expired one may be sent again, too.

    Raises:
        NotFound: the organisation has no such invitation.
        InvitationOver: it was answered or revoked.
        RightsBeyondOwn: it allows more than the actor may do.
        TooManyInvitations: it was sent too often, or the organisation has sent too many today.
        AlreadyExists: the address was invited anew in the meantime.
    """
    organization_id, actor, now = context.organization_id, context.actor, context.now
    _require_budget(organization_id, now)
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            invitation = lock_invitation(organization_id, invitation_id)
            if invitation.status not in (InvitationStatus.OPEN, InvitationStatus.EXPIRED):
                raise InvitationOver(InvitationStatus(invitation.status))
            _require_within(actor, Role(invitation.role), invitation.permissions)
            if invitation.times_sent >= MAILS_PER_INVITATION:
                raise TooManyInvitations("This invitation was sent often enough. Invite the address anew.")
            before = snapshot(invitation)
            invitation.status = InvitationStatus.OPEN
            invitation.token_hash = hash_token(token)
            invitation.invited_by_kind, invitation.invited_by = actor.kind, actor.id
            invitation.sent_at, invitation.expires_at = now, now + PERIOD
            invitation.times_sent += 1
            invitation.save()
            _record(SecurityEventKind.INVITATION_RESENT, invitation, context)
            record_activity(context, "invitation.resent", invitation, before=before, concealed=PERSONAL)
            _defer_mail(invitation, token)
    except IntegrityError as error:
        if violated_constraint(error) != ONE_OPEN:
            raise
        raise AlreadyExists(f"{invitation.email} was invited anew. Send that invitation again.") from error
    return invitation, token


@command(Permission.MEMBER_WRITE)
def revoke_invitation(context: CommandContext, invitation_id: UUID) -> Invitation:
    """Take an invitation back; its link leads nowhere any more. Doing it twice changes nothing.

    Raises:
        NotFound: the organisation has no such invitation.
        InvitationOver: it was accepted or declined.
    """
    with transaction.atomic():
        invitation = lock_invitation(context.organization_id, invitation_id)
        if invitation.status in (InvitationStatus.ACCEPTED, InvitationStatus.DECLINED):
            raise InvitationOver(InvitationStatus(invitation.status))
        if invitation.status != InvitationStatus.REVOKED:
            before = snapshot(invitation)
            end_invitation(invitation, InvitationStatus.REVOKED, now=context.now)
            _record(SecurityEventKind.INVITATION_REVOKED, invitation, context)
            record_activity(context, "invitation.revoked", invitation, before=before, concealed=PERSONAL)
    return invitation


def lock_invitation(organization_id: UUID, invitation_id: UUID) -> Invitation:
    """Return an invitation after locking it.

    Raises:
        NotFound: the organisation has no such invitation.
    """
    rows = Invitation.objects.of(organization_id).filter(id=invitation_id)
    list(rows.select_for_update(no_key=True))
    return get_invitation(organization_id, invitation_id)


def end_invitation(invitation: Invitation, status: InvitationStatus, *, now: datetime) -> None:
    """Write down how a locked invitation ended."""
    invitation.status, invitation.ended_at = status, now
    invitation.save(update_fields=["status", "ended_at"])


def hash_token(token: str) -> bytes:
    """Return what is stored of the secret of a link; 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def _require_within(actor: Actor, role: Role, permissions: Iterable[str]) -> None:
    beyond = build_rights(role, permissions) - actor.permissions
    if beyond:
        raise RightsBeyondOwn(beyond)


def _require_budget(organization_id: UUID, now: datetime) -> None:
    recent = Invitation.objects.of(organization_id).filter(sent_at__gt=now - timedelta(days=1))
    sent = recent.aggregate(sent=Sum("times_sent"))["sent"] or 0
    if sent >= MAILS_PER_DAY:
        raise TooManyInvitations("Your organisation has sent many invitations today. Go on tomorrow.")


def _end_overdue(organization_id: UUID, email: str, now: datetime) -> None:
    """Write down that an earlier invitation was not answered in time, so that it bars no new one."""
    overdue = Q(email=email, status=InvitationStatus.OPEN, expires_at__lte=now)
    Invitation.objects.of(organization_id).filter(overdue).update(status=InvitationStatus.EXPIRED)


def _defer_mail(invitation: Invitation, token: str) -> None:
    """Ask the worker to write the mail; the secret of the link is sealed, since jobs stand in a table."""
    sealed = encrypt(json.dumps({"invitation": str(invitation.id), "token": token}))
    app.configure_task(WRITE_INVITATION).defer(organization_id=str(invitation.organization_id), sealed=sealed)


def _record(kind: SecurityEventKind, invitation: Invitation, context: CommandContext) -> None:
    record_security_event(
        kind,
        now=context.now,
        organization_id=invitation.organization_id,
        actor=context.actor,
        subject_id=invitation.id,
        details={"role": invitation.role, "extra_permissions": invitation.permissions},
    )
