"""Messages are written down, each once however often it is tried; finding their words comes later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from kassa.core.database import plain_array, statements, text_array
from kassa.core.ids import new_id
from kassa.notifications.domain.occasions import Occasion
from kassa.notifications.enums import MessageKind
from kassa.orders.models import Order
from kassa.organizations.models import OrganizationSettings

# A repeated occasion changes nothing: that is what makes each message be written once.
INSERT = """
INSERT INTO notifications_message (id, organization_id, order_id, ticket_id, event_id, announcement_id, kind,
    language, recipient, recipient_name, occasion, facts, status, attempts, next_try_at, created_at)
SELECT m.id, %s, m.order_id, m.ticket_id, m.event_id, m.announcement_id, m.kind, m.language, m.recipient,
    m.recipient_name, m.occasion, m.facts, 'pending', 0, m.due_at, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::jsonb[], %s::timestamptz[])
    AS m(id, order_id, ticket_id, event_id, announcement_id, kind, language, recipient, recipient_name,
        occasion, facts, due_at)
ON CONFLICT (organization_id, occasion) DO NOTHING
"""


def write_messages(organization_id: UUID, occasions: Sequence[Occasion], *, now: datetime) -> int:
    """Write down what is to be sent, within the caller's transaction; return how many are new.

    Nothing is written for an organisation that is gone, or that has switched messages off.
    """
    settings = (
        OrganizationSettings.objects.of(organization_id)
        .filter(organization__deleted_at=None, email_notifications=True)
        .first()
    )
    if settings is None or not occasions:
        return 0
    known = _orders(organization_id, (each.order_id for each in occasions if each.recipient is None))
    rows = []
    for each in occasions:
        language, recipient, name = each.language, each.recipient, each.recipient_name
        if recipient is None:
            if each.order_id not in known:
                continue
            order = known[each.order_id]
            recipient = order.customer_email
            name = f"{order.customer_first_name} {order.customer_last_name}".strip()
            language = language or order.customer_language
        if recipient:
            rows.append((each, language or settings.default_language, recipient, name))
    if not rows:
        return 0
    inserted = statements().queue(
        INSERT,
        (
            organization_id,
            now,
            plain_array([new_id() for _ in rows]),
            plain_array([each.order_id for each, *_ in rows]),
            plain_array([each.ticket_id for each, *_ in rows]),
            plain_array([each.event_id for each, *_ in rows]),
            plain_array([each.announcement_id for each, *_ in rows]),
            plain_array([each.kind.value for each, *_ in rows]),
            plain_array([language for _, language, _, _ in rows]),
            text_array([recipient for _, _, recipient, _ in rows]),
            text_array([name for _, _, _, name in rows]),
            text_array([each.key for each, *_ in rows]),
            text_array([orjson.dumps(each.facts).decode() for each, *_ in rows]),
            text_array([(each.due_at or now).isoformat() for each, *_ in rows]),
        ),
    )
    return inserted.rowcount


HASTEN = """
UPDATE notifications_message SET next_try_at = %s
WHERE organization_id = %s AND order_id = ANY(%s::uuid[]) AND kind = %s
    AND status = 'pending' AND attempts = 0 AND next_try_at > %s
"""
DROP = """
UPDATE notifications_message SET status = 'skipped', next_try_at = NULL, error = %s
WHERE organization_id = %s AND order_id = ANY(%s::uuid[]) AND kind = %s
    AND status = 'pending' AND attempts = 0 AND next_try_at > %s
"""


def hasten_messages(
    organization_id: UUID, order_ids: Sequence[UUID], *, kind: MessageKind, now: datetime
) -> int:
    """Have messages of a kind that wait for their moment be sent now; return how many did wait."""
    given = (now, organization_id, plain_array(order_ids), str(kind), now)
    return statements().queue(HASTEN, given).rowcount


def drop_messages(
    organization_id: UUID, order_ids: Sequence[UUID], *, kind: MessageKind, reason: str, now: datetime
) -> None:
    """Have messages of a kind that wait for their moment not be sent at all."""
    statements().queue(DROP, (reason, organization_id, plain_array(order_ids), str(kind), now))


def _orders(organization_id: UUID, order_ids: Iterable[UUID]) -> Mapping[UUID, Order]:
    wanted = set(order_ids)
    if not wanted:
        return {}
    columns = ("id", "customer_email", "customer_first_name", "customer_last_name", "customer_language")
    return Order.objects.of(organization_id).only(*columns).in_bulk(wanted)
