"""Staff do not want to wait for the next try of a refund."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.payments.enums import DisputeStatus, RefundStatus
from kassa.payments.jobs import PROVIDERS_QUEUE, SEND_REFUNDS, defer_on_commit
from kassa.payments.models import Dispute, Refund, RefundPart
from kassa.payments.providers.registry import providers


@command(Permission.REFUND_WRITE)
def retry_refund(context: CommandContext, order_id: UUID, refund_id: UUID) -> Refund:
    """Have a job send all that is still pending of a refund now; what is done stays so.

    Parts that only staff can send, by hand, go on waiting for them, and those of a payment that a bank holds
    for its decision. Doing it twice sends nothing twice:
    a part is sent under a key of its own.

    Raises:
        NotFound: the order has no such refund.
    """
    organization_id, now = context.organization_id, context.now
    able = [name for name, provider in providers().items() if provider.can_refund]
    with transaction.atomic():
        refund = Refund.objects.of(organization_id).filter(id=refund_id, order_id=order_id).first()
        if refund is None:
            raise NotFound
        due = RefundPart.objects.of(organization_id).filter(
            refund_id=refund_id, status=RefundStatus.PENDING, provider__in=able
        )
        open_disputes = Dispute.objects.of(organization_id).filter(status=DisputeStatus.OPEN)
        due = due.exclude(payment_id__in=open_disputes.values("payment_id"))
        if due.update(next_try_at=now, held_by_dispute=None):
            defer_on_commit(SEND_REFUNDS, organization_id, queue=PROVIDERS_QUEUE)
            record_activity(context, "refund.retried", refund, before={}, after={"order": order_id})
        return refund
