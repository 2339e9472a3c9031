"""Invitations in the hands of those who were invited: found by the link, accepted or declined."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from kassa.core.activity_log import record_activity
from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.core.request_origin import RequestOrigin
from kassa.identity.domain.api_keys import build_key_rights
from kassa.identity.domain.invitations import end_invitation, hash_token, lock_invitation
from kassa.identity.domain.members import join_organization
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import InvitationStatus, Role, SecurityEventKind
from kassa.identity.errors import InvitationForAnother, InvitationOver
from kassa.identity.models import ApiKey, Invitation, Membership, User
from kassa.identity.permissions import build_rights
from kassa.identity.queries import members_of, rights_of

NOBODY = RequestOrigin(None, "")
"""Where a refusal comes from: the organisation learns nothing of who declines."""


def find_invitation(token: str) -> Invitation:
    """Return the invitation that a link leads to, however it stands, with its organisation.

    Raises:
        NotFound: there is none, the mail was sent again with another link, or the organisation is gone.
    """
    found = (
        Invitation.unscoped.select_related("organization")
        .filter(token_hash=hash_token(token), organization__deleted_at=None)
        .first()
    )
    if found is None:
        raise NotFound("This link is not valid, or no longer valid.")
    return found


def list_invitations_to(user: User, *, now: datetime) -> list[Invitation]:
    """Return the open invitations to the addresses that a person has proven to be theirs."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values("email")
    return list(
        Invitation.unscoped.select_related("organization")
        .filter(email__in=addresses, status=InvitationStatus.OPEN, expires_at__gt=now)
        .filter(organization__deleted_at=None)
        .order_by("id")
    )


def is_for(invitation: Invitation, user: User) -> bool:
    """Say whether a person has proven that the invited address is theirs."""
    return bool(EmailAddress.objects.filter(user=user, email=invitation.email, verified=True).exists())


@command(None)
def accept_invitation(context: CommandContext, invitation_id: UUID, *, user: User) -> Membership:
    """Make the person who was invited a member.

    Raises:
        NotFound: there is no such invitation.
        InvitationForAnother: the person has not proven that the invited address is theirs.
        InvitationOver: it has ended, or whoever sent it may not give these rights any more.
        AlreadyExists: they are a member already.
    """
    with transaction.atomic():
        invitation = lock_invitation(context.organization_id, invitation_id)
        now = context.now
        _require_open(invitation, now=now)
        if not is_for(invitation, user):
            raise InvitationForAnother
        _require_still_granted(invitation, now=now)
        end_invitation(invitation, InvitationStatus.ACCEPTED, now=now)
        return join_organization(
            context,
            user=user,
            role=Role(invitation.role),
            permissions=invitation.permissions,
            invitation_id=invitation.id,
        )


@command(None)
def decline_invitation(context: CommandContext, invitation_id: UUID) -> Invitation:
    """Decline for whoever has the link; the organisation learns that and nothing else. Twice changes nothing.

    Raises:
        NotFound: there is no such invitation.
        InvitationOver: it has ended otherwise.
    """
    organization_id, now = context.organization_id, context.now
    with transaction.atomic():
        invitation = lock_invitation(organization_id, invitation_id)
        if invitation.status != InvitationStatus.DECLINED:
            _require_open(invitation, now=now)
            end_invitation(invitation, InvitationStatus.DECLINED, now=now)
            record_security_event(
                SecurityEventKind.INVITATION_DECLINED,
                now=now,
                organization_id=organization_id,
                subject_id=invitation.id,
                origin=NOBODY,
            )
            # By nobody and from nowhere: the organisation learns nothing of who declines.
            nobody = CommandContext.system(organization_id, now=now)
            after = {"status": invitation.status}
            record_activity(nobody, "invitation.declined", invitation, after=after)
    return invitation


def _require_open(invitation: Invitation, *, now: datetime) -> None:
    status = invitation.status_at(now)
    if status != InvitationStatus.OPEN:
        raise InvitationOver(status)


def _require_still_granted(invitation: Invitation, *, now: datetime) -> None:
    """Refuse an invitation of a person or key that may not give these rights any more.

    Otherwise a stolen key could invite its thief, and revoking the key would not keep them out.
    """
    if build_rights(Role(invitation.role), invitation.permissions) - _rights_of_inviter(invitation, now=now):
        raise InvitationOver(InvitationStatus.REVOKED)


def _rights_of_inviter(invitation: Invitation, *, now: datetime) -> frozenset[Permission]:
    organization_id, inviter = invitation.organization_id, invitation.invited_by
    if inviter is None:
        return frozenset(Permission)
    if invitation.invited_by_kind == ActorKind.API_KEY:
        key = ApiKey.objects.of(organization_id).filter(id=inviter, revoked_at=None).first()
        is_valid = key is not None and (key.expires_at is None or key.expires_at > now)
        return build_key_rights(key) if key is not None and is_valid else frozenset()
    member = members_of(organization_id).filter(user_id=inviter).first()
    return frozenset() if member is None else rights_of(member)
