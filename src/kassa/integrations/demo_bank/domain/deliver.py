"""Sending webhooks that are due, again and again until they have arrived."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Case, F, Value, When

from kassa.core.database import give_back_connection
from kassa.core.delivery import BackOff, DeliveryQueue
from kassa.core.errors import KassaError
from kassa.core.jobs import ShouldStop, never_stop
from kassa.integrations.demo_bank.domain.turns import owners_of_webhooks
from kassa.integrations.demo_bank.models import DemoWebhook
from kassa.integrations.demo_bank.signing import HEADER, sign

logger = logging.getLogger("kassa.demo_bank")

MOST_TRIES = 15
"""After so many a webhook is given up: about an hour and a half later."""
QUEUE = DeliveryQueue(
    DemoWebhook,
    back_off=BackOff([timedelta(seconds=min(600, 5 * 2**n)) for n in range(8)], max_tries=MOST_TRIES),
    due_at="send_at",
    order_by="send_at, id",
    returning="d.body",
)


def deliver_webhooks(*, now: datetime, should_stop: ShouldStop = never_stop) -> int:
    """Send every webhook that is due; return how often one arrived."""
    return sum(
        _send(organization_id, webhook, now)
        for organization_id in owners_of_webhooks(now)
        for batch in QUEUE.batches(organization_id, limit=1, now=now, should_stop=should_stop)
        for webhook in batch
    )


def _send(organization_id: UUID, claimed: Any, now: datetime) -> bool:
    """Hand one webhook over as a request would bring it; return whether it arrived."""
    from kassa.payments.domain.webhooks.receive import receive_webhook  # noqa: PLC0415

    body = claimed.body.encode()
    headers = {"content-type": "application/json", HEADER: sign(organization_id, body, now=now)}
    webhook = DemoWebhook.objects.of(organization_id).filter(id=claimed.id)
    give_back_connection()
    try:
        receive_webhook("demo", organization_id, headers=headers, body=body, now=now)
    except (KassaError, DatabaseError) as error:
        logger.warning("A webhook of the demo bank did not arrive: %s", error)
        given_up = {"send_at": None} if QUEUE.back_off.is_over(claimed.tries) else {}
        webhook.update(error=str(error)[:500], **given_up)
        return False
    webhook.update(
        sends_left=F("sends_left") - 1,
        send_at=Case(When(sends_left__gt=1, then=Value(now)), default=Value(None)),
        delivered_at=now,
        error="",
    )
    return True
