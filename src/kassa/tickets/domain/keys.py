"""Keys that sign an organisation's tickets: made on first need, rotated, revoked when others know one."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from threading import Lock
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import Locked, NotFound
from kassa.core.permissions import Permission
from kassa.core.secrets import SecretUnreadable, decrypt, encrypt
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.tickets.domain.qr import KEY_ID_BYTES
from kassa.tickets.errors import SigningKeyUnreadable
from kassa.tickets.models import SigningKey

SECONDS_KEPT = 0.9
"""How long keys that were read are used without asking the database again: a revoked one no longer."""
ORGANIZATIONS_KEPT = 1_000
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What anybody may know of a key."""

    id: UUID
    key_id: str
    public_key: bytes
    created_at: datetime
    retired_at: datetime | None
    """Since when it signs nothing more. None: it is in use."""
    revoked_at: datetime | None
    """Since when what it has signed is refused. None: it is trusted."""


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """The key that signs; never keep or show it."""

    key_id: str
    private_key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class _Keyring:
    read_at: float
    keys: Mapping[str, PublicKey]
    in_use: tuple[str, str] | None
    """The id and the encrypted private key of the one in use. None: there is none yet."""


_kept: dict[UUID, _Keyring] = {}
_kept_lock = Lock()


def signing_key(organization_id: UUID, now: datetime) -> KeyInUse:
    """Return the key that signs an organisation's tickets; the first time it is made.

    Raises:
        SigningKeyUnreadable: it cannot be decrypted any more; rotating makes another.
    """
    for _ in range(ATTEMPTS):
        ring = _keyring(organization_id)
        if ring.in_use is not None:
            return _load(*ring.in_use)
        # Two may do this at once: the index lets one key in, and both find it when they look again.
        SigningKey.unscoped.bulk_create([_new_key(organization_id, now)], ignore_conflicts=True)
        _forget(organization_id)
    raise Locked("The keys of this organisation are being changed. Try again.")


def make_first_key(organization_id: UUID, now: datetime) -> None:
    """Make the key that will sign an organisation's tickets, unless there is one."""
    if _keyring(organization_id).in_use is None:
        with suppress(SigningKeyUnreadable):
            signing_key(organization_id, now)


@command(Permission.ORGANIZATION_WRITE)
def rotate_keys(context: CommandContext) -> PublicKey:
    """Sign with a new key from now on, and return it. What earlier keys have signed stays genuine.

    Raises:
        Locked: somebody else rotates them at the same moment.
    """
    organization_id, now = context.organization_id, context.now
    key = _new_key(organization_id, now)
    try:
        with transaction.atomic():
            SigningKey.objects.of(organization_id).filter(retired_at=None).update(retired_at=now)
            key.save(force_insert=True)
            _record(context, key, "rotated")
    except IntegrityError as error:
        raise Locked(
            "The keys are being rotated by somebody else. Look at them before trying again."
        ) from error
    _forget(organization_id)
    return _shown(key)


@command(Permission.ORGANIZATION_WRITE)
def revoke_key(context: CommandContext, key_id: str) -> PublicKey:
    """Refuse from now on what a key has signed, because others may know it. Revoking twice changes nothing.

    If it is in use, the next ticket is signed with a new one. Tickets stay valid: only what was printed
    or sent with this key has to be fetched again.

    Raises:
        NotFound: the organisation has no such key.
    """
    organization_id, now = context.organization_id, context.now
    with transaction.atomic():
        keys = SigningKey.objects.of(organization_id).filter(key_id=key_id)
        ended = keys.filter(revoked_at=None)
        is_ended = ended.update(revoked_at=now, retired_at=Coalesce(F("retired_at"), now)) > 0
        key = keys.first()
        if key is None:
            raise NotFound
        if is_ended:
            _record(context, key, "revoked")
    _forget(organization_id)
    return _shown(key)


def _record(context: CommandContext, key: SigningKey, change: str) -> None:
    record_activity(context, f"signing_key.{change}", key, after={"key_id": key.key_id})
    record_security_event(
        SecurityEventKind.SIGNING_KEY_CHANGED,
        now=context.now,
        organization_id=key.organization_id,
        actor=context.actor,
        subject_id=key.id,
        details={"change": change},
    )


def public_keys(organization_id: UUID) -> list[PublicKey]:
    """Return all keys an organisation has or had, the oldest first."""
    return list(known_keys(organization_id).values())


def known_keys(organization_id: UUID) -> Mapping[str, PublicKey]:
    """Return the same by key id, as they were less than a second ago."""
    return _keyring(organization_id).keys


def _keyring(organization_id: UUID) -> _Keyring:
    kept = _kept.get(organization_id)
    if kept is not None and time.monotonic() - kept.read_at < SECONDS_KEPT:
        return kept
    read_at = time.monotonic()
    rows = list(SigningKey.objects.of(organization_id).order_by("id"))
    in_use = next(((row.key_id, row.private_key) for row in rows if row.retired_at is None), None)
    ring = _Keyring(read_at, {row.key_id: _shown(row) for row in rows}, in_use)
    # What a transaction sees of its own may never come true.
    if not connection.in_atomic_block:
        _keep(organization_id, ring)
    return ring


def _keep(organization_id: UUID, ring: _Keyring) -> None:
    with _kept_lock:
        if len(_kept) >= ORGANIZATIONS_KEPT:
            _kept.clear()
        _kept[organization_id] = ring


def _forget(organization_id: UUID) -> None:
    """Forget what was read before a change; again once it is committed, as others may have read since."""
    _drop(organization_id)
    transaction.on_commit(partial(_drop, organization_id))


def _drop(organization_id: UUID) -> None:
    with _kept_lock:
        _kept.pop(organization_id, None)


def _new_key(organization_id: UUID, now: datetime) -> SigningKey:
    private_key = Ed25519PrivateKey.generate()
    return SigningKey(
        organization_id=organization_id,
        key_id=secrets.token_hex(KEY_ID_BYTES),
        public_key=private_key.public_key().public_bytes_raw(),
        private_key=encrypt(base64.b64encode(private_key.private_bytes_raw()).decode()),
        created_at=now,
    )


@lru_cache(maxsize=256)
def _load(key_id: str, encrypted: str) -> KeyInUse:
    try:
        raw = base64.b64decode(decrypt(encrypted))
    except SecretUnreadable as error:
        raise SigningKeyUnreadable(key_id) from error
    return KeyInUse(key_id, Ed25519PrivateKey.from_private_bytes(raw))


def _shown(key: SigningKey) -> PublicKey:
    return PublicKey(
        key.id, key.key_id, bytes(key.public_key), key.created_at, key.retired_at, key.revoked_at
    )
