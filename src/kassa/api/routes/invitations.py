"""``/invitations``: who was asked to work for the organisation, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.core.actor import ActorKind
from kassa.core.clock import utc_now
from kassa.core.errors import AlreadyExists, NotFound
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.identity.domain.invitations import resend_invitation, revoke_invitation
from kassa.identity.enums import InvitationStatus, Role
from kassa.identity.errors import InvitationOver, RightsBeyondOwn, TooManyInvitations
from kassa.identity.models import Invitation
from kassa.identity.queries import get_invitation, list_invitations

router = Router(tags=["Members"])


class InvitationOut(Schema):
    """An invitation. It tells nothing of who reads the address, and not whether they have an account."""

    id: UUID
    email: str = Field(description="As you typed it, in lower case.")
    name: str
    role: Role
    extra_permissions: list[str]
    language: Language = Field(description="What the mail is written in.")
    status: InvitationStatus
    invited_by_kind: ActorKind
    invited_by: UUID | None = Field(description="The person or key; null: the operator.")
    times_sent: int
    created_at: datetime
    sent_at: datetime
    expires_at: datetime = Field(description="Exclusive: until when it can be accepted.")
    ended_at: datetime | None = Field(description="Null: it is open, or was not answered in time.")


@router.get(
    "/invitations",
    response=Page[InvitationOut],
    auth=Requires(Permission.MEMBER_READ),
    openapi_extra=reading(),
    summary="List invitations",
)
def list_all(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    rows = list_invitations(request.auth.organization_id)
    return page_of(rows, limit=limit, after=after, show=_show_all)


@router.get(
    "/invitations/{invitation_id}",
    response=InvitationOut,
    auth=Requires(Permission.MEMBER_READ),
    openapi_extra=reading(NotFound),
    summary="Read an invitation",
)
def read(request: ApiRequest, invitation_id: UUID) -> dict[str, Any]:
    return show_invitation(get_invitation(request.auth.organization_id, invitation_id))


@router.post(
    "/invitations/{invitation_id}/resend",
    response=InvitationOut,
    auth=Requires(resend_invitation),
    openapi_extra=writing(
        NotFound, InvitationOver, RightsBeyondOwn, TooManyInvitations, AlreadyExists, KeyReused
    ),
    summary="Send an invitation again",
)
@decorate_view(repeatable)
def resend(request: ApiRequest, invitation_id: UUID) -> dict[str, Any]:
    """Send the mail again, even if the invitation has expired. Its link is new, and valid for a week."""
    invitation, _ = resend_invitation(command_context(request), invitation_id)
    return show_invitation(invitation)


@router.post(
    "/invitations/{invitation_id}/revoke",
    response=InvitationOut,
    auth=Requires(revoke_invitation),
    openapi_extra=writing(NotFound, InvitationOver),
    summary="Revoke an invitation",
)
def revoke(request: ApiRequest, invitation_id: UUID) -> dict[str, Any]:
    """Take an invitation back before it is answered. Twice changes nothing."""
    return show_invitation(revoke_invitation(command_context(request), invitation_id))


def show_invitation(invitation: Invitation) -> dict[str, Any]:
    """Return an invitation as the API shows it."""
    names = InvitationOut.model_fields.keys() - {"status", "extra_permissions"}
    return {
        **{name: getattr(invitation, name) for name in names},
        "status": invitation.status_at(utc_now()),
        "extra_permissions": invitation.permissions,
    }


def _show_all(invitations: Sequence[Invitation]) -> list[dict[str, Any]]:
    return [show_invitation(invitation) for invitation in invitations]
