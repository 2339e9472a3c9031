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

from kassa.core.activity_log import record_activity, snapshot
from kassa.core.actor import Actor, ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.core.ttl_cache import TTLCache
from kassa.core.versions import require_version
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


@command(Permission.API_KEY_WRITE)
def create_api_key(
    context: CommandContext,
    *,
    name: str,
    role: Role | None = None,
    scopes: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> NewApiKey:
    """Make a key for a role, for scopes, or for both. Nobody hands out a right they do not have themselves.

    Raises:
        InvalidInput: a scope does not exist or is beyond the one who grants it.
    """
    wanted = _check_scopes(role, scopes, context.actor)
    return issue_api_key(context, name=name, role=role, scopes=wanted, expires_at=expires_at)


def issue_api_key(
    context: CommandContext,
    *,
    name: str,
    role: Role | None = None,
    scopes: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> NewApiKey:
    """Make a key, as a part of what it belongs to: whoever may make that decides what the key may do."""
    actor = context.actor
    prefix = f"kassa_{secrets.token_hex(5)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        key = ApiKey.unscoped.create(
            organization_id=context.organization_id,
            name=name,
            prefix=prefix,
            secret_hash=_hash(secret),
            role=role,
            scopes=list(scopes),
            created_by_id=actor.id if actor.kind == ActorKind.USER else None,
            created_at=context.now,
            updated_at=context.now,
            expires_at=expires_at,
        )
        _record(SecurityEventKind.API_KEY_CREATED, key, context)
        record_activity(context, "api_key.created", key)
    return NewApiKey(key=key, secret=secret)


@command(Permission.API_KEY_WRITE)
def change_api_key(
    context: CommandContext,
    key_id: UUID,
    *,
    role: Role | None = None,
    scopes: Iterable[str] | None = None,
    name: str | None = None,
    expected: datetime | None = None,
) -> ApiKey:
    """Give a key a role or scopes in the place of those it has, or another name; its secret stays.

    Without a role and scopes its rights stay as they are.

    Raises:
        NotFound: the organisation has no such key.
        InvalidInput: a scope does not exist or is beyond the actor.
        RightsBeyondOwn: the key has more rights than the actor.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    wanted = _check_scopes(role, scopes or (), context.actor)
    with transaction.atomic():
        key = _lock(context.organization_id, key_id)
        _require_within(context.actor, key)
        require_version(key, expected)
        before = snapshot(key)
        key.name = key.name if name is None else name
        if role is not None or scopes is not None:
            key.role, key.scopes = role, wanted
        key.updated_at = context.now
        key.save(update_fields=["role", "scopes", "name", "updated_at"])
        _record(SecurityEventKind.API_KEY_CHANGED, key, context)
        record_activity(context, "api_key.changed", key, before=before)
    _actors.clear()
    return key


@command(Permission.API_KEY_WRITE)
def revoke_api_key(context: CommandContext, key_id: UUID) -> ApiKey:
    """Revoke a key for good; revoking it again changes nothing.

    Raises:
        NotFound: the organisation has no such key.
        RightsBeyondOwn: the key has more rights than the actor.
    """
    return withdraw_api_key(context, key_id)


def withdraw_api_key(context: CommandContext, key_id: UUID) -> ApiKey:
    """Revoke a key, as a part of what it belongs to.

    Raises:
        NotFound: the organisation has no such key.
        RightsBeyondOwn: the key has more rights than the actor.
    """
    with transaction.atomic():
        key = _lock(context.organization_id, key_id)
        _require_within(context.actor, key)
        if key.revoked_at is None:
            key.revoked_at = key.updated_at = context.now
            key.save(update_fields=["revoked_at", "updated_at"])
            _record(SecurityEventKind.API_KEY_REVOKED, key, context)
            after = {"revoked_at": key.revoked_at}
            record_activity(context, "api_key.revoked", key, before={"revoked_at": None}, after=after)
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


def _check_scopes(role: Role | None, scopes: Iterable[str], granted_by: Actor) -> list[str]:
    wanted = sorted({str(scope) for scope in scopes})
    for scope in wanted:
        if scope not in frozenset(Permission):
            raise InvalidInput(f"There is no scope '{scope}'.", field="scopes")
    beyond = build_rights(role, wanted) - granted_by.permissions
    if beyond:
        raise InvalidInput(
            f"You do not have '{min(beyond)}' yourself, so you cannot grant it.",
            field="scopes" if role is None else "role",
        )
    return wanted


def _require_within(actor: Actor, key: ApiKey) -> None:
    beyond = build_key_rights(key) - actor.permissions
    if beyond:
        raise RightsBeyondOwn(beyond)


def _lock(organization_id: UUID, key_id: UUID) -> ApiKey:
    key = ApiKey.objects.of(organization_id).select_for_update(no_key=True).filter(id=key_id).first()
    if key is None:
        raise NotFound
    return key


def _record(kind: SecurityEventKind, key: ApiKey, context: CommandContext) -> None:
    record_security_event(
        kind,
        now=context.now,
        organization_id=key.organization_id,
        actor=context.actor,
        subject_id=key.id,
        details={"role": key.role, "scopes": key.scopes},
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
