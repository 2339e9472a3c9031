"""All that Kassa knows of a person, as one file: JSON, and the files they have sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kassa.core.personal_data import DataSubject
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import User
from kassa.organizations.models import Organization
from kassa.privacy.register import list_personal_data
from kassa.privacy.whose import orders_of_person, person_of, tickets_of_person


def export_person(user: User, *, now: datetime) -> bytes:
    """Return a ZIP with ``data.json`` and the uploaded files. Copies that only machines read are left out."""
    person = person_of(user)
    subject = DataSubject(
        user_id=user.id,
        emails=person.emails,
        order_ids=tuple(orders_of_person(person).values_list("id", flat=True)),
        ticket_ids=tuple(tickets_of_person(person).values_list("id", flat=True)),
    )
    exported: dict[str, Any] = {}
    for data in list_personal_data():
        if data.export is not None:
            exported |= data.export(subject, now)
    document = {"exported_at": now.isoformat(), **_name_organizations(exported)}
    record_security_event(SecurityEventKind.ACCOUNT_EXPORTED, now=now, user_id=user.id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", orjson.dumps(document, option=orjson.OPT_INDENT_2, default=str))
        files = (file for data in list_personal_data() if data.files for file in data.files(subject))
        for number, (name, content) in enumerate(files, start=1):
            archive.writestr(f"files/{number}-{name}", content)
    return packed.getvalue()


def _name_organizations(exported: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is handed out with the names of organisations instead of their ids."""
    rows = [row for part in exported.values() if isinstance(part, list) for row in part]
    ids: set[UUID] = {row["organization_id"] for row in rows if "organization_id" in row}
    names = dict(Organization.objects.values_list("id", "name").filter(id__in=ids))

    def name(row: dict[str, Any]) -> dict[str, Any]:
        if "organization_id" not in row:
            return row
        rest = {key: value for key, value in row.items() if key != "organization_id"}
        return {"organization": names.get(row["organization_id"], ""), **rest}

    return {
        key: [name(row) for row in part] if isinstance(part, list) else part for key, part in exported.items()
    }
