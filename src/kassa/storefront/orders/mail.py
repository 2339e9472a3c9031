"""What the page of an order says about the e-mail that confirms it: where it went, or that it did not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kassa.notifications.enums import MessageKind, MessageStatus
from kassa.notifications.queries import messages_of
from kassa.orders.models import Order
from kassa.organizations.models import OrganizationSettings

WRITTEN_WITHIN = timedelta(minutes=10)
"""So long after it was confirmed an order that has no message yet will get one."""
TICKETS: dict[str, Promise] = {
    "sent": _("We have sent your tickets to %(email)s. Can’t find the e-mail? Check your spam folder."),
    "waiting": _("Your tickets are on their way to %(email)s. Nothing there yet? Check your spam folder."),
    "failed": _("Our e-mail to %(email)s could not be delivered. Your tickets are here: keep this page."),
}
GOODS: dict[str, Promise] = {
    "sent": _("We have sent the confirmation to %(email)s. Can’t find the e-mail? Check your spam folder."),
    "waiting": _("The confirmation is on its way to %(email)s. Nothing there yet? Check your spam folder."),
    "failed": _("Our e-mail to %(email)s could not be delivered. Keep this page to see your order."),
}
STATES: dict[str, str] = {
    MessageStatus.PENDING: "waiting",
    MessageStatus.SENDING: "waiting",
    MessageStatus.SENT: "sent",
    MessageStatus.KEPT: "sent",
    MessageStatus.FAILED: "failed",
    MessageStatus.BOUNCED: "failed",
}
"""How a message stands for its reader; one that was skipped is not spoken of."""


@dataclass(frozen=True, slots=True)
class ConfirmationMail:
    """What became of the e-mail that confirms an order."""

    text: str
    is_lost: bool
    """Whether it did not arrive."""


def describe_confirmation_mail(
    order: Order, settings: OrganizationSettings, *, has_tickets: bool, now: datetime
) -> ConfirmationMail | None:
    """Return where the confirmation of an order went, in one query. None: there is none to speak of."""
    if order.confirmed_at is None:
        return None
    sent = messages_of(order.organization_id, order_id=order.id, kind=MessageKind.ORDER_CONFIRMED)
    message = sent.order_by("-id").first()
    if message is not None:
        state, email = STATES.get(message.status), message.recipient
    else:
        is_due = settings.email_notifications and now - order.confirmed_at < WRITTEN_WITHIN
        state, email = "waiting" if is_due else None, order.customer_email
    if state is None:
        return None
    text = (TICKETS if has_tickets else GOODS)[state]
    return ConfirmationMail(str(text) % {"email": email}, is_lost=state == "failed")
