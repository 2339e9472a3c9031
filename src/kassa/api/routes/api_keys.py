"""``/api-keys``: the ways in for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from kassa.api.auth import Requires
from kassa.api.inputs import KEPT, Moment
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Input, NameText, example
from kassa.api.versions import expected_version, show_version
from kassa.core.errors import ChangedMeanwhile, InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.identity.domain.api_keys import build_key_rights, change_api_key, create_api_key, revoke_api_key
from kassa.identity.enums import Role
from kassa.identity.errors import RightsBeyondOwn
from kassa.identity.models import ApiKey

router = Router(tags=["API keys"])

KeyName = Annotated[NameText, Field(min_length=1, max_length=120, examples=["Box office"])]
Scopes = Annotated[list[Permission], Field(description="What the key may do, and nothing else.")]
FOLLOWED = "Instead of `scopes`: all that this role may do, now and after an upgrade of Kassa."
FollowedRole = Annotated[Role, Field(description=FOLLOWED)]


class ApiKeyIn(Input):
    model_config = example(name="Box office", scopes=["offer:read", "order:place"])

    name: KeyName
    scopes: Scopes | None = None
    role: FollowedRole | None = None
    expires_at: Moment | None = Field(None, description="Null: until it is revoked.")


class ApiKeyChange(Input):
    model_config = example(scopes=["offer:read", "order:place", "order:read"])

    name: KeyName = KEPT
    scopes: Scopes = KEPT
    role: FollowedRole = KEPT


class ApiKeyOut(Schema):
    id: UUID
    name: str
    prefix: str = Field(description="The public beginning of the key, by which people tell keys apart.")
    role: Role | None = Field(description="The role that the key follows; null: only what `scopes` names.")
    scopes: list[str] = Field(description="All that the key may do at present.")
    created_at: datetime
    updated_at: datetime = Field(description="When its name or rights were last changed.")
    last_used_at: datetime | None = Field(description="To the minute; null: never used.")
    expires_at: datetime | None
    revoked_at: datetime | None


class NewApiKeyOut(ApiKeyOut):
    secret: str = Field(description="The key itself. It is shown this once and cannot be had again.")


@router.post(
    "/api-keys",
    response={201: NewApiKeyOut},
    auth=Requires(create_api_key),
    openapi_extra=writing(version_status=201),
    summary="Make a key",
)
def make_key(request: ApiRequest, payload: ApiKeyIn) -> Status[dict[str, Any]]:
    """Make a key. A key with a role follows it; one with scopes never gets more than they name."""
    if (payload.scopes is None) == (payload.role is None):
        raise InvalidInput("Give either 'scopes' or 'role'.", field="scopes")
    made = create_api_key(
        command_context(request),
        name=payload.name,
        role=payload.role,
        scopes=payload.scopes or (),
        expires_at=payload.expires_at,
    )
    show_version(request, made.key)
    return Status(201, {**_show(made.key), "secret": made.secret})


@router.get(
    "/api-keys",
    response=Page[ApiKeyOut],
    auth=Requires(Permission.API_KEY_READ),
    openapi_extra=reading(),
    summary="List keys",
)
def list_keys(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    keys = ApiKey.objects.of(request.auth.organization_id)
    return page_of(keys, limit=limit, after=after, show=_show_all)


@router.patch(
    "/api-keys/{key_id}",
    response=ApiKeyOut,
    auth=Requires(change_api_key),
    openapi_extra=writing(NotFound, RightsBeyondOwn, ChangedMeanwhile),
    summary="Change what a key may do",
)
def change_key(request: ApiRequest, key_id: UUID, payload: ApiKeyChange) -> dict[str, Any]:
    """Give a key a role, other scopes or another name; its secret stays the same.

    Neither before nor after may it have a right that you do not have.
    """
    given = payload.model_dump(exclude_unset=True)
    if {"role", "scopes"} <= given.keys():
        raise InvalidInput("Give either 'scopes' or 'role'.", field="scopes")
    changed = change_api_key(command_context(request), key_id, **given, expected=expected_version(request))
    show_version(request, changed)
    return _show(changed)


@router.delete(
    "/api-keys/{key_id}",
    response=ApiKeyOut,
    auth=Requires(revoke_api_key),
    openapi_extra=writing(NotFound, RightsBeyondOwn),
    summary="Revoke a key",
)
def revoke_key(request: ApiRequest, key_id: UUID) -> dict[str, Any]:
    """Revoke a key for good. One with more rights than yours stays."""
    return _show(revoke_api_key(command_context(request), key_id))


def _show(key: ApiKey) -> dict[str, Any]:
    names = ApiKeyOut.model_fields.keys() - {"scopes"}
    return {**{name: getattr(key, name) for name in names}, "scopes": sorted(build_key_rights(key))}


def _show_all(keys: Sequence[ApiKey]) -> list[dict[str, Any]]:
    return [_show(key) for key in keys]
