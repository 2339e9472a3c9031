"""API keys: made, shown once, recognised, revoked."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kassa.core.errors import InvalidInput, NotFound
from kassa.identity.actor import Actor
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import ActorKind, SecurityEventKind
from kassa.identity.errors import KeyInvalid
from kassa.identity.models import ApiKey
from kassa.identity.permissions import Permission

CACHE_SECONDS = 1.0
"""How long a process trusts a key it has just looked up; a revocation is felt within this."""
LAST_USED_STEP = timedelta(minutes=1)

_cache: dict[bytes, tuple[float, Actor]] = {}
_cache_lock = threading.Lock()
_CACHE_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key with its secret, which is not kept and cannot be shown again."""

    key: ApiKey
    secret: str


def create_api_key(
    organization_id: UUID,
    *,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    created_by: UUID | None = None,
    expires_at: datetime | None = None,
    granted_by: Actor | None = None,
) -> NewApiKey:
    """Make a key. Nobody hands out a right they do not have themselves.

    Raises:
        InvalidInput: a scope does not exist or is beyond the one who grants it.
    """
    wanted = sorted(set(scopes))
    for scope in wanted:
        if scope not in frozenset(Permission):
            raise InvalidInput(f"There is no scope '{scope}'.", field="scopes")
        if granted_by is not None and scope not in granted_by.permissions:
            raise InvalidInput(f"You do not have '{scope}' yourself, so you cannot grant it.", field="scopes")
    prefix = f"kassa_{secrets.token_hex(5)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        key = ApiKey.unscoped.create(
            organization_id=organization_id,
            name=name,
            prefix=prefix,
            secret_hash=_hash(secret),
            scopes=wanted,
            created_by_id=created_by,
            created_at=now,
            expires_at=expires_at,
        )
        record_security_event(
            SecurityEventKind.API_KEY_CREATED,
            now=now,
            organization_id=organization_id,
            actor=granted_by,
            subject_id=key.id,
            details={"scopes": wanted},
        )
    return NewApiKey(key=key, secret=secret)


def revoke_api_key(
    organization_id: UUID, *, key_id: UUID, now: datetime, actor: Actor | None = None
) -> ApiKey:
    """Revoke a key for good; revoking it again changes nothing.

    Raises:
        NotFound: the organisation has no such key.
    """
    keys = ApiKey.objects.of(organization_id)
    with transaction.atomic():
        if keys.filter(id=key_id, revoked_at=None).update(revoked_at=now):
            record_security_event(
                SecurityEventKind.API_KEY_REVOKED,
                now=now,
                organization_id=organization_id,
                actor=actor,
                subject_id=key_id,
            )
    key = keys.filter(id=key_id).first()
    if key is None:
        raise NotFound
    with _cache_lock:
        _cache.clear()
    return key


def authenticate_api_key(secret: str, *, now: datetime) -> Actor:
    """Return who a key stands for.

    Raises:
        KeyInvalid: the key is unknown, revoked or expired, or its organisation is gone.
    """
    digest = _hash(secret)
    cached = _cache.get(digest)
    if cached is not None and cached[0] > time.monotonic():
        return cached[1]
    actor = _look_up(secret, digest, now)
    with _cache_lock:
        if len(_cache) >= _CACHE_LIMIT:
            _cache.clear()
        _cache[digest] = (time.monotonic() + CACHE_SECONDS, actor)
    return actor


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
    return Actor(
        organization_id=key.organization_id,
        kind=ActorKind.API_KEY,
        id=key.id,
        permissions=frozenset(Permission(scope) for scope in key.scopes if scope in frozenset(Permission)),
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
