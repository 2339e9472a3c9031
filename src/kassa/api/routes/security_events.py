"""``/security-events``: the security log of the organisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema

from kassa.api.auth import Requires
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading
from kassa.api.requests import ApiRequest
from kassa.core.actor import ActorKind
from kassa.core.permissions import Permission
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import SecurityEvent
from kassa.identity.queries import find_actor_names, list_security_events

router = Router(tags=["Security log"])


class SecurityActor(Schema):
    kind: ActorKind
    id: UUID | None = Field(description="The person or key; null for Kassa itself.")
    name: str = Field(description="What they are called; empty once they no longer exist.")


class SecurityEventOut(Schema):
    id: UUID
    kind: str = Field(description="What happened; one of the kinds that the filter takes.")
    created_at: datetime
    actor: SecurityActor | None = Field(
        description="The person or key that did it; null if nobody was recognised."
    )
    subject: UUID | None = Field(
        description="The object it was done to, of the type that `kind` begins with: a key, device or person."
    )
    address: str | None = Field(description="The network address of the request; null without one.")
    user_agent: str = Field(description="The program that sent the request, as it names itself.")
    details: dict[str, Any] = Field(description="Facts that depend on `kind`, such as the scopes of a key.")


Kind = Annotated[SecurityEventKind | None, Query(description="Only this kind.")]
ActorId = Annotated[UUID | None, Query(description="Only what this person or key did.")]


@router.get(
    "/security-events",
    response=Page[SecurityEventOut],
    auth=Requires(Permission.SECURITY_READ),
    openapi_extra=reading(),
    summary="List the security log",
    description="Sign-ins of members, changes of factors, keys, members, devices and payment accounts, "
    "exports, and refused requests. Entries are never changed; the operator sets after how long they are "
    "deleted.",
)
def list_all(
    request: ApiRequest, limit: Limit = 50, after: After = None, kind: Kind = None, actor: ActorId = None
) -> dict[str, Any]:
    organization_id = request.auth.organization_id

    def show(events: Sequence[SecurityEvent]) -> list[dict[str, Any]]:
        names = find_actor_names(organization_id, events)
        return [_show(event, names) for event in events]

    events = list_security_events(organization_id, kind=kind, actor_id=actor)
    return page_of(events, limit=limit, after=after, show=show)


def _show(event: SecurityEvent, names: dict[UUID, str]) -> dict[str, Any]:
    actor = None
    if event.actor_kind is not None:
        name = names.get(event.actor_id, "") if event.actor_id else ""
        actor = {"kind": event.actor_kind, "id": event.actor_id, "name": name}
    return {
        "id": event.id,
        "kind": event.kind,
        "created_at": event.created_at,
        "actor": actor,
        "subject": event.subject_id,
        "address": event.address,
        "user_agent": event.user_agent,
        "details": event.details,
    }
