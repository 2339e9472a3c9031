"""``/api-keys``: the ways in for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status

from kassa.api.auth import Requires
from kassa.api.inputs import Moment
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest
from kassa.api.schemas import Input, Text, example
from kassa.core.clock import utc_now
from kassa.core.errors import InvalidInput, NotFound
from kassa.identity.domain.api_keys import create_api_key, revoke_api_key
from kassa.identity.enums import Role
from kassa.identity.models import ApiKey
from kassa.identity.permissions import ROLE_PERMISSIONS, Permission

router = Router(tags=["API keys"])


class ApiKeyIn(Input):
    model_config = example(name="Box office", scopes=["offer:read", "order:place"])

    name: Text = Field(min_length=1, max_length=120, examples=["Box office"])
    scopes: list[Permission] | None = Field(None, description="What the key may do.")
    role: Role | None = Field(None, description="Instead of `scopes`: all that this role may do.")
    expires_at: Moment | None = None


class ApiKeyOut(Schema):
    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class NewApiKeyOut(ApiKeyOut):
    secret: str = Field(description="The key itself. It is shown this once and cannot be had again.")


@router.post(
    "/api-keys",
    response={201: NewApiKeyOut},
    auth=Requires(Permission.API_KEY_WRITE),
    openapi_extra=writing(),
    summary="Make a key",
)
def make_key(request: ApiRequest, payload: ApiKeyIn) -> Status[dict[str, Any]]:
    if (payload.scopes is None) == (payload.role is None):
        raise InvalidInput("Give either 'scopes' or 'role'.", field="scopes")
    scopes = payload.scopes if payload.role is None else ROLE_PERMISSIONS[payload.role]
    made = create_api_key(
        request.auth.organization_id,
        name=payload.name,
        scopes=[str(scope) for scope in scopes or ()],
        now=utc_now(),
        expires_at=payload.expires_at,
        granted_by=request.auth,
    )
    return Status(201, {**ApiKeyOut.from_orm(made.key).model_dump(), "secret": made.secret})


@router.get(
    "/api-keys",
    response=Page[ApiKeyOut],
    auth=Requires(Permission.API_KEY_READ),
    openapi_extra=reading(),
    summary="List keys",
)
def list_keys(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    return page_of(ApiKey.objects.of(request.auth.organization_id), limit=limit, after=after, show=list)


@router.delete(
    "/api-keys/{key_id}",
    response=ApiKeyOut,
    auth=Requires(Permission.API_KEY_WRITE),
    openapi_extra=writing(NotFound),
    summary="Revoke a key",
)
def revoke_key(request: ApiRequest, key_id: UUID) -> ApiKey:
    return revoke_api_key(request.auth.organization_id, key_id=key_id, now=utc_now(), actor=request.auth)
