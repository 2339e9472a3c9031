"""The demo's API keys, kept in a file because the database has only their hashes."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.data_folder import make_data_folder
from kassa.demo.lock import lock_demo
from kassa.identity.domain.api_keys import NewApiKey, build_key_rights, create_api_key
from kassa.identity.enums import Role
from kassa.identity.models import ApiKey
from kassa.identity.permissions import ROLE_PERMISSIONS
from kassa.organizations.models import Organization

logger = logging.getLogger("kassa.demo")

KEPT = dict[str, dict[str, str]]
"""By the organisation's id: the key's own ``id`` and its ``secret``."""


def make_demo_key(organization_id: UUID, *, now: datetime) -> NewApiKey:
    """Make a key that may do whatever an owner may."""
    return create_api_key(
        CommandContext(Actor.operator(organization_id), now), name="Demo key", role=Role.OWNER
    )


def keep_demo_keys(keys: Iterable[NewApiKey]) -> None:
    """Write keys to the file, beside those in it; only this user may read it.

    A folder that cannot be written to costs the keys, not the start: the next start makes new ones.
    """
    kept = _read()
    kept.update(
        {str(made.key.organization_id): {"id": str(made.key.id), "secret": made.secret} for made in keys}
    )
    path = _path()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        make_data_folder(path.parent)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(kept, file, indent=2)
        draft.replace(path)
    except OSError as error:
        logger.warning("The demo's API keys cannot be kept in %s: %s", path, error.strerror)


def demo_secrets(organizations: Iterable[Organization], *, now: datetime) -> dict[UUID, str]:
    """Return each organisation's key; new ones for those that were lost, revoked, or lack a right by now."""
    ids = [organization.id for organization in organizations]
    secrets = _good(_read(), ids, now=now)
    if len(secrets) == len(ids):
        return secrets
    with transaction.atomic():
        lock_demo()
        secrets = _good(_read(), ids, now=now)
        made = [make_demo_key(each, now=now) for each in ids if each not in secrets]
        keep_demo_keys(made)
    return {**secrets, **{new.key.organization_id: new.secret for new in made}}


def _good(kept: Mapping[str, Mapping[str, str]], ids: Iterable[UUID], *, now: datetime) -> dict[UUID, str]:
    """Return the kept secrets that still open their organisation's doors, all of them."""
    wanted = {str(each): each for each in ids}
    by_key = {one["id"]: (wanted[owner], one["secret"]) for owner, one in kept.items() if owner in wanted}
    alive = ApiKey.unscoped.filter(id__in=by_key, revoked_at=None).filter(
        Q(expires_at=None) | Q(expires_at__gt=now)
    )
    secrets = {}
    for key in alive if by_key else ():
        owner, secret = by_key[str(key.id)]
        is_whole = ROLE_PERMISSIONS[Role.OWNER] <= build_key_rights(key)
        if key.organization_id == owner and secret.startswith(f"{key.prefix}_") and is_whole:
            secrets[owner] = secret
    return secrets


def _path() -> Path:
    return Path(settings.DATA_DIR) / "demo_keys.json"


def _read() -> KEPT:
    """Return what the file holds; nothing where it is lost or is not what was written."""
    try:
        found = json.loads(_path().read_text())
        return {
            str(UUID(owner)): {"id": str(UUID(one["id"])), "secret": str(one["secret"])}
            for owner, one in found.items()
        }
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
        return {}
