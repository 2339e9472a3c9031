"""``/signing-keys``: what signs the QR codes of tickets, and what checks them without a network."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from ninja import Router
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.ticket_document_schemas import SigningKeyOut, SigningKeysOut
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.tickets.domain.keys import PublicKey, public_keys, revoke_key, rotate_keys

router = Router(tags=["Signing keys"])


@router.get(
    "/signing-keys",
    response=SigningKeysOut,
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=reading(),
    summary="List signing keys",
)
def list_keys(request: ApiRequest) -> dict[str, Any]:
    """List the public halves of all keys that sign or have signed tickets, the oldest first.

    The first key is made when the first ticket is printed, shown or scanned.
    """
    return {"items": [_show(key) for key in public_keys(request.auth.organization_id)]}


@router.post(
    "/signing-keys/rotate",
    response=SigningKeyOut,
    auth=Requires(rotate_keys),
    openapi_extra=writing(KeyReused),
    summary="Sign with a new key",
)
@decorate_view(repeatable)
def rotate(request: ApiRequest) -> dict[str, Any]:
    """Sign with a new key from now on. Tickets that were signed before stay good."""
    return _show(rotate_keys(command_context(request)))


@router.post(
    "/signing-keys/{signing_key_id}/revoke",
    response=SigningKeyOut,
    auth=Requires(revoke_key),
    openapi_extra=writing(NotFound),
    summary="Revoke a signing key",
)
def revoke(request: ApiRequest, signing_key_id: UUID) -> dict[str, Any]:
    """Refuse at the door what a key has signed, because others may know it. This cannot be undone.

    The tickets stay valid, but whoever has one must fetch it again. Revoking twice changes nothing.
    """
    organization_id = request.auth.organization_id
    found = next((key for key in public_keys(organization_id) if key.id == signing_key_id), None)
    if found is None:
        raise NotFound
    return _show(revoke_key(command_context(request), found.key_id))


def _show(key: PublicKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "key_id": key.key_id,
        "public_key": base64.b64encode(key.public_key).decode(),
        "created_at": key.created_at,
        "retired_at": key.retired_at,
        "revoked_at": key.revoked_at,
    }
