"""``/members``: who works for the organisation, and what they may do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.inputs import EMPTY_LIST, KEPT, Name
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.routes.invitations import InvitationOut, show_invitation
from kassa.api.schemas import Email, Input, example
from kassa.api.versions import expected_version, show_version
from kassa.core.errors import AlreadyExists, ChangedMeanwhile, NotFound
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.identity.domain.invitations import invite_member
from kassa.identity.domain.members import change_member, remove_member
from kassa.identity.enums import Role, UserStatus
from kassa.identity.errors import LastOwner, RightsBeyondOwn, TooManyInvitations
from kassa.identity.models import Membership
from kassa.identity.queries import member_of, members_of, rights_of

router = Router(tags=["Members"])

ExtraPermissions = Annotated[
    list[Permission], Field(max_length=50, description="Rights beside those of the role.")
]


class MemberIn(Input):
    model_config = example(email="ada@example.org", role="support", name="Ada Lovelace")

    email: Email
    role: Role
    name: Name | None = Field(None, description="How the mail addresses its reader. Null: not at all.")
    extra_permissions: ExtraPermissions = []
    language: Language | None = Field(
        None, description="What the mail is written in. Null: the organisation's language."
    )


class MemberChange(Input):
    model_config = example(role="manager")

    role: Role = KEPT
    extra_permissions: Annotated[ExtraPermissions, EMPTY_LIST] = KEPT


class MemberOut(Schema):
    id: UUID
    user_id: UUID
    organization_id: UUID
    name: str
    email: str
    avatar: str
    status: UserStatus
    role: Role
    permissions: list[str] = Field(description="All they may do: by their role and beside it.")
    extra_permissions: list[str]
    created_at: datetime
    updated_at: datetime
    last_active_at: datetime | None


@router.post(
    "/members",
    response={202: InvitationOut},
    auth=Requires(invite_member),
    openapi_extra=writing(AlreadyExists, RightsBeyondOwn, TooManyInvitations, KeyReused),
    summary="Invite a member",
)
@decorate_view(repeatable)
def invite(request: ApiRequest, payload: MemberIn) -> Status[dict[str, Any]]:
    """Send a mail with a link that is valid for a week. The person who accepts it is a member from then on.

    The answer is the same whether or not there is an account with the address. `/invitations` tells what
    became of it.
    """
    invitation, _ = invite_member(command_context(request), **payload.model_dump())
    return Status(202, show_invitation(invitation))


@router.get(
    "/members",
    response=Page[MemberOut],
    auth=Requires(Permission.MEMBER_READ),
    openapi_extra=reading(),
    summary="List members",
)
def list_all(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    return page_of(members_of(request.auth.organization_id), limit=limit, after=after, show=_show_all)


@router.get(
    "/members/{member_id}",
    response=MemberOut,
    auth=Requires(Permission.MEMBER_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a member",
)
def read(request: ApiRequest, member_id: UUID) -> dict[str, Any]:
    return _show_one(request, member_of(request.auth.organization_id, member_id))


@router.patch(
    "/members/{member_id}",
    response=MemberOut,
    auth=Requires(change_member),
    openapi_extra=writing(NotFound, RightsBeyondOwn, LastOwner, ChangedMeanwhile),
    summary="Change a member's role or rights",
)
def change(request: ApiRequest, member_id: UUID, payload: MemberChange) -> dict[str, Any]:
    changed = change_member(
        command_context(request),
        member_id,
        **payload.model_dump(exclude_unset=True),
        expected=expected_version(request),
    )
    return _show_one(request, changed)


@router.delete(
    "/members/{member_id}",
    response={204: None},
    auth=Requires(remove_member),
    openapi_extra=writing(NotFound, RightsBeyondOwn, LastOwner),
    summary="Remove a member",
)
def delete(request: ApiRequest, member_id: UUID) -> Status[None]:
    remove_member(command_context(request), member_id)
    return Status(204, None)


def _show_one(request: ApiRequest, member: Membership) -> dict[str, Any]:
    show_version(request, member)
    return _show(member)


def _show(member: Membership) -> dict[str, Any]:
    user = member.user
    return {
        "id": member.id,
        "user_id": user.id,
        "organization_id": member.organization_id,
        "name": user.name,
        "email": user.email,
        "avatar": user.avatar,
        "status": user.status,
        "role": member.role,
        "permissions": sorted(rights_of(member)),
        "extra_permissions": member.permissions,
        "created_at": member.created_at,
        "updated_at": member.updated_at,
        "last_active_at": user.last_active_at,
    }


def _show_all(members: Sequence[Membership]) -> list[dict[str, Any]]:
    return [_show(member) for member in members]
