"""The security log: who did what to the access of people and programs, and from where.

An entry is written in the transaction of what it records, and as a line of the logger ``kassa.security``
once that is committed. Lines hold ids and addresses, never names or e-mail addresses.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from kassa.core.actor import Actor, ActorKind
from kassa.core.request_origin import RequestOrigin, current_origin
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import AccountSecurityEvent, Membership, SecurityEvent

logger = logging.getLogger("kassa.security")

DELETE_AT_ONCE = 1_000


def record_security_event(
    kind: SecurityEventKind,
    *,
    now: datetime,
    organization_id: UUID | None = None,
    user_id: UUID | None = None,
    actor: Actor | None = None,
    is_recognised: bool = True,
    subject_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    origin: RequestOrigin | None = None,
) -> None:
    """Record an event in the log of an organisation, of a person's account, or both.

    An event of an account (``user_id``) is also recorded for the organisations in which the person is a
    member. Its actor is that person, unless ``is_recognised`` says that they have not shown to be them.
    Without an organisation and an account there is only the line of the logger. ``details`` must not contain
    personal data. Address and user agent are those of the request that is being answered, unless ``origin``
    gives those of an earlier one.
    """
    actor_kind, actor_id = (actor.kind, actor.id) if actor else (None, None)
    if actor is None and user_id is not None and is_recognised:
        actor_kind, actor_id = ActorKind.USER, user_id
    origin = origin or current_origin()
    values: dict[str, Any] = {
        "kind": kind,
        "actor_kind": actor_kind,
        "actor_id": actor_id,
        "subject_id": subject_id or user_id,
        "address": origin.address,
        "user_agent": origin.user_agent,
        "details": dict(details or {}),
        "created_at": now,
    }
    organizations = {organization_id} if organization_id else set()
    if user_id is not None:
        AccountSecurityEvent.objects.create(user_id=user_id, **values)
        memberships = Membership.unscoped.filter(user_id=user_id)
        organizations |= set(memberships.values_list("organization_id", flat=True))
    for one in sorted(organizations):
        SecurityEvent.unscoped.create(organization_id=one, **values)
    line = _format_line(values, sorted(organizations))
    transaction.on_commit(lambda: logger.info("%s", line), robust=True)


def delete_old_security_events(*, now: datetime) -> int:
    """Delete the entries that are older than the setting says; return how many there were."""
    before = now - timedelta(days=settings.SECURITY_LOG_DAYS)
    deleted = _delete(SecurityEvent.unscoped.filter(created_at__lt=before))
    return deleted + _delete(AccountSecurityEvent.objects.filter(created_at__lt=before))


def _delete(rows: QuerySet[Any]) -> int:
    """Delete rows, a thousand in each transaction."""
    deleted = 0
    while ids := list(rows.order_by("created_at").values_list("id", flat=True)[:DELETE_AT_ONCE]):
        deleted += rows.filter(id__in=ids).delete()[0]
    return deleted


def _format_line(values: Mapping[str, Any], organizations: list[UUID]) -> str:
    actor = f"{values['actor_kind']}:{values['actor_id']}" if values["actor_kind"] else "unknown"
    parts = {
        "actor": actor,
        "subject": values["subject_id"],
        "organizations": ",".join(str(one) for one in organizations),
        "address": values["address"],
        **values["details"],
    }
    return f"{values['kind']} " + " ".join(f"{name}={value}" for name, value in parts.items() if value)
