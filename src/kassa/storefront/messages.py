"""The sentences that pages say about orders, tickets and what went wrong with a form."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kassa.core.errors import KassaError
from kassa.tickets.enums import EndOfLink, TransferStatus


@dataclass(frozen=True, slots=True)
class Standing:
    """How something stands, in a few words and a sentence."""

    tone: str
    """``good``, ``bad``, ``calm`` or ``wait``: the colour and the sign."""
    title: Promise
    text: Promise | str = ""


ORDER: dict[str, Standing] = {
    "unpaid": Standing("wait", _("Not paid yet")),
    "approval": Standing(
        "wait", _("Waiting for approval"), _("The organiser will review your order and write to you.")
    ),
    "confirmed": Standing("good", _("Your order is confirmed")),
    "shipped": Standing("good", _("Your order is on its way")),
    "delivered": Standing("good", _("Your order has arrived")),
    "expired": Standing(
        "calm", _("This order has expired"), _("It was not paid in time, so the tickets were released.")
    ),
    "cancelled": Standing(
        "calm",
        _("This order has been cancelled"),
        _("Its tickets are no longer valid. Any payment will be refunded."),
    ),
    "refunded": Standing(
        "calm",
        _("This order has been refunded"),
        _("Its tickets are no longer valid, and the money is on its way back to the buyer."),
    ),
    "partially_refunded": Standing(
        "good", _("Your order is confirmed"), _("Part of it has been refunded; see below.")
    ),
}

TICKET: dict[str, Standing] = {
    "reserved": Standing(
        "wait", _("Not paid yet"), _("Your ticket will be ready as soon as the order is paid.")
    ),
    "valid": Standing("good", _("Valid ticket")),
    "used": Standing("calm", _("Checked in")),
    "cancelled": Standing("bad", _("Cancelled"), _("This ticket is not valid.")),
    "expired": Standing(
        "bad", _("Expired"), _("The order was not paid in time, so this ticket is not valid.")
    ),
    "refunded": Standing(
        "bad", _("Refunded"), _("The buyer is being refunded. This ticket is no longer valid.")
    ),
    "blocked": Standing(
        "bad",
        _("Blocked"),
        _("The organiser has blocked this ticket. Please contact them if this is a mistake."),
    ),
    "frozen": Standing(
        "bad",
        _("On hold"),
        _("The payment for this ticket is disputed. It is not valid until the dispute is settled."),
    ),
    "given": Standing("calm", _("Transferred"), _("Only the new holder can see and use this ticket.")),
}

TRANSFER: dict[str, Standing] = {
    TransferStatus.ACCEPTED: Standing("good", _("The ticket is yours")),
    TransferStatus.DECLINED: Standing(
        "calm", _("The ticket was declined"), _("It stays with the sender. You don’t need to do anything.")
    ),
    TransferStatus.WITHDRAWN: Standing(
        "calm", _("The transfer was cancelled"), _("The ticket is no longer offered to you.")
    ),
    TransferStatus.EXPIRED: Standing(
        "calm", _("The offer has expired"), _("Nobody accepted the ticket in time. Ask for a new offer.")
    ),
}

REFUND: dict[str, Standing] = {
    "promised": Standing(
        "wait", _("On its way"), _("Your refund is about to be sent to your original payment method.")
    ),
    "sent": Standing(
        "wait", _("On its way"), _("We have sent the refund. It may take a few days to arrive.")
    ),
    "by_hand": Standing(
        "wait", _("With the organiser"), _("The organiser will send you the money directly.")
    ),
    "refused": Standing(
        "bad",
        _("Delayed"),
        _("The bank rejected the refund. The organiser knows and will find another way to pay you back."),
    ),
    "back": Standing("good", _("Refunded")),
    "nothing": Standing("calm", _("Done"), _("There was nothing to refund.")),
}

REFUND_LINE: dict[str, Promise] = {
    "fees": _("Service fee"),
    "shipping": _("Shipping"),
    "kept": _("Cancellation fee"),
}

RETAINED: dict[str, Promise] = {
    "fees": _("Service fee (not refunded)"),
    "shipping": _("Shipping (not refunded)"),
}

WHY_KEPT: dict[str, Promise] = {
    "disabled": _("This organiser does not offer returns."),
    "too_late": _("It is too late to return this ticket: the event is too close."),
    "used": _("It has been used, so it can’t be returned."),
    "given_away": _("You have transferred it to someone else."),
    "blocked": _("The organiser has blocked it. Please contact them."),
    "frozen": _("Its payment is disputed. Please wait until the dispute is settled."),
    "event_cancelled": _("The event has been cancelled. The organiser will refund everything you paid."),
    "over": _("It has already been returned or is no longer valid."),
    "paid": _("This order has been paid in the meantime, so it can’t be cancelled this way."),
}

ON_ITS_WAY: dict[str, Promise] = {
    "confirmed": _("Ordered"),
    "processing": _("Being packed"),
    "shipped": _("Sent"),
    "delivered": _("Arrived"),
}

DEAD_LINK: dict[str, Standing] = {
    EndOfLink.ENDED: Standing(
        "calm",
        _("This link no longer works"),
        _("It was replaced. Open the newest e-mail about your order, or ask the organiser to send it again."),
    ),
    EndOfLink.TRANSFERRED: Standing(
        "calm",
        _("This ticket has been transferred"),
        _("It now belongs to someone else, who has their own link. This one no longer opens it."),
    ),
    EndOfLink.REISSUED: Standing(
        "calm",
        _("This ticket has been replaced"),
        _("The old code no longer works. The new ticket was sent by e-mail."),
    ),
}

DONE: dict[str, Promise] = {
    "changed": _("Saved."),
    "offered": _("We’ve sent the ticket. It stays yours until it is accepted."),
    "withdrawn": _("The transfer is cancelled. The ticket is yours."),
    "replaced": _("This is your new ticket. The old one no longer works."),
    "returned": _("Done: your tickets have been returned. See below how you’ll be refunded."),
    "cancelled": _("Your order has been cancelled and your reservation released."),
}

PROBLEMS: dict[str, Promise] = {
    "transfers_disabled": _("This organiser does not allow ticket transfers."),
    "transfer_too_late": _("It is too late to transfer this ticket: the event is too close."),
    "ticket_not_transferable": _("This ticket can’t be transferred or replaced at the moment."),
    "transfer_open": _("This ticket already has a pending transfer. Cancel that first."),
    "too_many_requests": _("That was a lot in a short time. Please wait a few minutes and try again."),
    "too_many_offers": _("That’s too many attempts with this ticket today. Please try again tomorrow."),
    "transfer_over": _("The offer is no longer open."),
    "ticket_over": _("This ticket is no longer valid, so it can’t be changed."),
    "attendee_changes_closed": _("The details on this ticket can no longer be changed."),
    "return_terms_changed": _("The refund amount has changed, so nothing was done. Please check it again."),
    "attendee_name_missing": _("Please enter the first and last name of every attendee."),
    "locked": _("Someone else is changing this ticket right now. Please try again."),
}
HELD = _("Your tickets are reserved until %(until)s.")
NOT_DONE = _("That didn’t work, and nothing was changed. Please reload the page.")
ANSWER_DOES_NOT_FIT = _("This answer isn’t valid.")
THEIRS_ALREADY = _("This person already has the ticket.")


def problem_text(error: KassaError) -> Promise:
    """Return what a page says about a refusal."""
    return PROBLEMS.get(error.code, NOT_DONE)
