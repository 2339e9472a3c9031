"""The activity log: who changed what in an organisation, when, why and from where.

An entry is written in the transaction of the change, by :func:`record_activity`. It holds what was before and
after; secrets and personal data are named in it, never stored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db import models

from kassa.core.command_context import CommandContext
from kassa.core.models import LogEntry

MAX_TEXT = 500
"""Characters of a text that are stored; what is longer is cut."""
UNRECORDED = frozenset({"id", "organization", "created_at", "updated_at"})
"""Fields that say nothing of what was changed."""
CONCEALED = "…"
"""Stands where a value is named and not stored."""

Values = Mapping[str, Any]


def snapshot(row: models.Model) -> dict[str, Any]:
    """Return the values of a row as the log compares them; take it before and after a change.

    Binary values, which are secrets and files, are compared and not stored.
    """
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in UNRECORDED:
            continue
        value = getattr(row, field.attname)
        if isinstance(field, models.BinaryField):
            value = None if value is None else _Concealed(bytes(value))
        values[field.attname] = value
    return values


def record_activity(
    context: CommandContext,
    action: str,
    subject: models.Model | tuple[str, UUID | None],
    *,
    before: Values | None = None,
    after: Values | None = None,
    concealed: Collection[str] = (),
) -> None:
    """Write into the log what a command has done; call it inside the transaction of the change.

    ``action`` is the noun and what happened to it, such as ``coupon.changed``. ``before`` and ``after`` are
    snapshots, or what else describes the change; ``after`` of a row is taken here unless it is given, and a
    row whose action says that it was deleted has none. ``concealed`` are names of values that are personal
    or secret: the log says that they were changed, and no more. A change after which everything is as it
    was before, such as a repeated one, is not written down.
    """
    if isinstance(subject, models.Model):
        kind, subject_id = subject._meta.model_name or "", subject.pk
        if after is None and not action.endswith(".deleted"):
            after = snapshot(subject)
        if before is None and after is None:
            before = snapshot(subject)
    else:
        kind, subject_id = subject
    changes = build_changes(before or {}, after or {}, concealed=concealed)
    if before and after and not changes:
        return
    LogEntry.unscoped.create(
        organization_id=context.organization_id,
        created_at=context.now,
        actor_kind=context.actor.kind,
        actor_id=context.actor.id,
        action=action,
        subject_kind=kind,
        subject_id=subject_id,
        changes=changes,
        reason=context.reason,
        request_id=context.request_id,
        address=context.address,
    )


def build_changes(before: Values, after: Values, *, concealed: Collection[str] = ()) -> dict[str, list[Any]]:
    """Return what differs, as ``{name: [before, after]}`` of JSON values; concealed ones as ``…``."""
    return {
        name: [_storable(values.get(name), name in concealed) for values in (before, after)]
        for name in sorted({**before, **after})
        if before.get(name) != after.get(name)
    }


class _Concealed:
    """A value that is compared and never stored."""

    def __init__(self, value: bytes) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Concealed) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


def _storable(value: Any, is_concealed: bool) -> Any:
    if value is None or value == "":
        return value
    if is_concealed or isinstance(value, _Concealed):
        return CONCEALED
    return _cut(orjson.loads(orjson.dumps(value, default=_plain)))


def _plain(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, set | frozenset) else str(value)


def _cut(value: Any) -> Any:
    """Shorten the texts in a JSON value."""
    match value:
        case str() if len(value) > MAX_TEXT:
            return value[:MAX_TEXT] + CONCEALED
        case list():
            return [_cut(one) for one in value]
        case dict():
            return {name: _cut(one) for name, one in value.items()}
    return value
