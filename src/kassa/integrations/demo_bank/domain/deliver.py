"""Sending webhooks that are due, again and again until they have arrived."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models import Case, F, Value, When

from kassa.core.database import give_back_connection
from kassa.core.errors import KassaError
from kassa.integrations.demo_bank.domain.turns import owners_of_webhooks
from kassa.integrations.demo_bank.models import DemoWebhook
from kassa.integrations.demo_bank.signing import HEADER, sign

logger = logging.getLogger("kassa.demo_bank")

MOST_TRIES = 15
"""After so many a webhook is given up: about an hour and a half later."""
FIRST_PAUSE = 5
LONGEST_PAUSE = 600
"""Seconds between two tries: each pause is twice the one before."""

CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM demo_bank_demowebhook
    WHERE organization_id = %(organization)s AND send_at <= %(now)s
    ORDER BY send_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE demo_bank_demowebhook w SET tries = w.tries + 1,
    send_at = CASE WHEN w.tries + 1 < %(most)s
        THEN %(now)s + least(%(longest)s, %(first)s * power(2, w.tries)) * interval '1 second' END
FROM due WHERE w.organization_id = %(organization)s AND w.id = due.id
RETURNING w.id, w.body
"""
"""Whoever takes a webhook moves its next try away: another worker leaves it alone, and one that dies
over it loses nothing. Materialized: a plan that asked for the one that is due once for each row would
take them all."""


def deliver_webhooks(*, now: datetime) -> int:
    """Send every webhook that is due; return how often one arrived."""
    return sum(_deliver_of(organization_id, now) for organization_id in owners_of_webhooks(now))


def _deliver_of(organization_id: UUID, now: datetime) -> int:
    arrived = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                CLAIM,
                {
                    "organization": organization_id,
                    "now": now,
                    "most": MOST_TRIES,
                    "first": FIRST_PAUSE,
                    "longest": LONGEST_PAUSE,
                },
            )
            claimed = cursor.fetchone()
        if claimed is None:
            return arrived
        webhook_id, body = claimed
        arrived += _send(organization_id, webhook_id, body.encode(), now)


def _send(organization_id: UUID, webhook_id: UUID, body: bytes, now: datetime) -> bool:
    """Hand one webhook over as a request would bring it; return whether it arrived."""
    from kassa.payments.domain.receive_webhook import receive_webhook  # noqa: PLC0415

    headers = {"content-type": "application/json", HEADER: sign(organization_id, body, now=now)}
    webhook = DemoWebhook.objects.of(organization_id).filter(id=webhook_id)
    give_back_connection()
    try:
        receive_webhook("demo", organization_id, headers=headers, body=body, now=now)
    except (KassaError, DatabaseError) as error:
        logger.warning("A webhook of the demo bank did not arrive: %s", error)
        webhook.update(error=str(error)[:500])
        return False
    webhook.update(
        sends_left=F("sends_left") - 1,
        send_at=Case(When(sends_left__gt=1, then=Value(now)), default=Value(None)),
        delivered_at=now,
        error="",
    )
    return True
