"""What was scanned, for the organiser to look through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from kassa.admission.domain.names import masked
from kassa.admission.models import Conflict, Scan
from kassa.admission.queries import scans_of
from kassa.core.actor import ActorKind
from kassa.identity.models import ApiKey, User


def recorded_scans(
    organization_id: UUID, asked: Mapping[str, Any], *, conflict: bool | None, since: datetime | None
) -> QuerySet[Scan]:
    """Return the scans that have what is asked for; None: whatever it is."""
    undone = scans_of(organization_id).filter(undoes_id=OuterRef("id"))
    conflicts = Conflict.objects.of(organization_id).filter(scan_id=OuterRef("id"))
    rows = (
        scans_of(organization_id)
        .filter(**{name: value for name, value in asked.items() if value is not None})
        .annotate(was_undone=Exists(undone), is_conflict=Exists(conflicts))
        .select_related("device", "undoes")
    )
    if conflict is not None:
        rows = rows.filter(is_conflict=conflict)
    return rows if since is None else rows.filter(scanned_at__gte=since)


def show_recorded(scans: Sequence[Any]) -> list[dict[str, Any]]:
    """Return a page of scans with who scanned, in two more queries."""
    names = _names(scans)
    return [
        {
            "id": scan.client_id,
            "list": scan.checkin_list_id,
            "event": scan.event_id,
            "ticket": scan.ticket_id,
            # Those who may look on need not be able to come in.
            "code": scan.code if scan.ticket_id is None else masked(scan.code),
            "kind": scan.kind,
            "result": scan.result,
            "accepted": scan.is_accepted,
            "conflict": scan.is_conflict,
            "gate": scan.gate,
            "device": None if scan.device is None else {"id": scan.device.id, "name": scan.device.name},
            "by": scan.device.name if scan.device else names.get(scan.scanned_by, ""),
            "reason": scan.reason,
            "undoes": scan.undoes.client_id if scan.undoes else None,
            "undone": scan.was_undone,
            "scanned_at": scan.scanned_at,
            "created_at": scan.created_at,
        }
        for scan in scans
    ]


def _names(scans: Sequence[Any]) -> dict[UUID | None, str]:
    """Return the names of the keys and users that scanned without a device."""
    if not scans:
        return {}
    by_kind: dict[str, set[UUID]] = {}
    for scan in scans:
        if scan.device_id is None and scan.scanned_by is not None:
            by_kind.setdefault(scan.scanned_by_kind, set()).add(scan.scanned_by)
    keys = ApiKey.objects.of(scans[0].organization_id).filter(id__in=by_kind.get(ActorKind.API_KEY, ()))
    users = User.objects.filter(id__in=by_kind.get(ActorKind.USER, ()))
    return {**dict(keys.values_list("id", "name")), **dict(users.values_list("id", "name"))}
