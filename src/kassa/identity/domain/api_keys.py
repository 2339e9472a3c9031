"""API keys: made, shown once, recognised, changed, revoked.

A key that is made for a role follows it: what a later version adds to the role, the key may do as well. A key
that is made for scopes may do what they name and nothing else.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kassa.core.actor import Actor
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.core.ttl_cache import TTLCache
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import Role, SecurityEventKind
from kassa.identity.errors import KeyInvalid, RightsBeyondOwn
from kassa.identity.models import ApiKey
from kassa.identity.permissions import build_rights

CACHE_SECONDS = 1.0
"""How long a process trusts a key it has just looked up; a revocation is felt within this."""
LAST_USED_STEP = timedelta(minutes=1)

_actors: TTLCache[bytes, Actor] = TTLCache("API keys", ttl=CACHE_SECONDS, maxsize=10_000, wait=2.0)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key with its secret, which is not kept and cannot be shown again."""

    key: ApiKey
    secret: str


def create_api_key(
    organization_id: UUID,
    *,
    name: str,
    role: Role | None = None,
    scopes: Iterable[str] = (),
    now: datetime,
    created_by: UUID | None = None,
    expires_at: datetime | None = None,
    granted_by: Actor | None = None,
) -> NewApiKey:
    """Make a key for a role, for scopes, or for both. Nobody hands out a right they do not have themselves.

    Raises:
        InvalidInput: a scope does not exist or is beyond the one who grants it.
    """
    wanted = _check_scopes(role, scopes, granted_by)
    prefix = f"kassa_{secrets.token_hex(5)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        key = ApiKey.unscoped.create(
            organization_id=organization_id,
            name=name,
            prefix=prefix,
            secret_hash=_hash(secret),
            role=role,
            scopes=wanted,
            created_by_id=created_by,
            created_at=now,
            expires_at=expires_at,
        )
        _record(SecurityEventKind.API_KEY_CREATED, key, actor=granted_by, now=now)
    return NewApiKey(key=key, secret=secret)


def change_api_key(
    organization_id: UUID,
    *,
    key_id: UUID,
    now: datetime,
    role: Role | None = None,
    scopes: Iterable[str] | None = None,
    name: str | None = None,
    actor: Actor | None = None,
) -> ApiKey:
    """Give a key a role or scopes in the place of those it has, or another name; its secret stays.

    Without a role and scopes its rights stay as they are; without an actor it is the operator who asks.

    Raises:
        NotFound: the organisation has no such key.
        InvalidInput: a scope does not exist or is beyond the actor.
        RightsBeyondOwn: the key has more rights than the actor.
    """
    wanted = _check_scopes(role, scopes or (), actor)
    with transaction.atomic():
        key = _lock(organization_id, key_id)
        _require_within(actor, key)
        key.name = key.name if name is None else name
        if role is not None or scopes is not None:
            key.role, key.scopes = role, wanted
        key.save(update_fields=["role", "scopes", "name"])
        _record(SecurityEventKind.API_KEY_CHANGED, key, actor=actor, now=now)
    _actors.clear()
    return key


def revoke_api_key(
    organization_id: UUID, *, key_id: UUID, now: datetime, actor: Actor | None = None
) -> ApiKey:
    """Revoke a key for good; revoking it again changes nothing. Without an actor it is the operator who asks.

    Raises:
        NotFound: the organisation has no such key.
        RightsBeyondOwn: the key has more rights than the actor.
    """
    with transaction.atomic():
        key = _lock(organization_id, key_id)
        _require_within(actor, key)
        if key.revoked_at is None:
            key.revoked_at = now
            key.save(update_fields=["revoked_at"])
            _record(SecurityEventKind.API_KEY_REVOKED, key, actor=actor, now=now)
    _actors.clear()
    return key


def authenticate_api_key(secret: str, *, now: datetime) -> Actor:
    """Return who a key stands for.

    Raises:
        KeyInvalid: the key is unknown, revoked or expired, or its organisation is gone.
        Busy: the database is slow to answer.
    """
    digest = _hash(secret)
    return _actors.get(digest, lambda: _look_up(secret, digest, now))


def build_key_rights(key: ApiKey) -> frozenset[Permission]:
    """Return all that a key may do."""
    return build_rights(key.role, key.scopes)


def _look_up(secret: str, digest: bytes, now: datetime) -> Actor:
    prefix = secret[:16]
    key = (
        ApiKey.unscoped.filter(prefix=prefix, revoked_at=None, organization__deleted_at=None)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .first()
    )
    if key is None or not secrets.compare_digest(bytes(key.secret_hash), digest):
        raise KeyInvalid
    if key.last_used_at is None or key.last_used_at < now - LAST_USED_STEP:
        ApiKey.objects.of(key.organization_id).filter(id=key.id).update(last_used_at=now)
    return Actor.api_key(key.organization_id, key.id, build_key_rights(key), role=key.role or "")


def _check_scopes(role: Role | None, scopes: Iterable[str], granted_by: Actor | None) -> list[str]:
    wanted = sorted({str(scope) for scope in scopes})
    for scope in wanted:
        if scope not in frozenset(Permission):
            raise InvalidInput(f"There is no scope '{scope}'.", field="scopes")
    beyond = set() if granted_by is None else build_rights(role, wanted) - granted_by.permissions
    if beyond:
        raise InvalidInput(
            f"You do not have '{min(beyond)}' yourself, so you cannot grant it.",
            field="scopes" if role is None else "role",
        )
    return wanted


def _require_within(actor: Actor | None, key: ApiKey) -> None:
    beyond = set() if actor is None else build_key_rights(key) - actor.permissions
    if beyond:
        raise RightsBeyondOwn(beyond)


def _lock(organization_id: UUID, key_id: UUID) -> ApiKey:
    key = ApiKey.objects.of(organization_id).select_for_update(no_key=True).filter(id=key_id).first()
    if key is None:
        raise NotFound
    return key


def _record(kind: SecurityEventKind, key: ApiKey, *, actor: Actor | None, now: datetime) -> None:
    record_security_event(
        kind,
        now=now,
        organization_id=key.organization_id,
        actor=actor,
        subject_id=key.id,
        details={"role": key.role, "scopes": key.scopes},
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
