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
        "wait", _("Waiting for approval"), _("The organiser decides about this order and writes to you.")
    ),
    "confirmed": Standing("good", _("Your order is confirmed")),
    "shipped": Standing("good", _("Your order is on its way")),
    "delivered": Standing("good", _("Your order has arrived")),
    "expired": Standing(
        "calm", _("This order has expired"), _("It was not paid in time, and its places were given back.")
    ),
    "cancelled": Standing(
        "calm",
        _("This order is cancelled"),
        _("Its tickets let nobody in. What was paid is given back to who paid it."),
    ),
    "refunded": Standing(
        "calm", _("This order was given back"), _("Its tickets let nobody in, and the money goes back.")
    ),
    "partially_refunded": Standing(
        "good", _("Your order is confirmed"), _("Something of it was given back; see below.")
    ),
}

TICKET: dict[str, Standing] = {
    "reserved": Standing("wait", _("Not paid yet"), _("Your ticket is ready as soon as the order is paid.")),
    "valid": Standing("good", _("Valid ticket")),
    "used": Standing("calm", _("Checked in")),
    "cancelled": Standing("bad", _("Cancelled"), _("This ticket lets nobody in.")),
    "expired": Standing(
        "bad", _("Expired"), _("The order was not paid in time. This ticket lets nobody in.")
    ),
    "refunded": Standing(
        "bad", _("Given back"), _("The money goes back to who bought it. This ticket lets nobody in.")
    ),
    "blocked": Standing(
        "bad", _("Blocked"), _("The organiser has blocked this ticket. Write to them if that is a mistake.")
    ),
    "frozen": Standing(
        "bad",
        _("On hold"),
        _("The payment of this ticket is disputed. Until that is decided it lets nobody in."),
    ),
    "given": Standing("calm", _("Given away"), _("Only the new holder can see and use this ticket.")),
}

TRANSFER: dict[str, Standing] = {
    TransferStatus.ACCEPTED: Standing("good", _("The ticket is yours")),
    TransferStatus.DECLINED: Standing(
        "calm", _("The ticket was declined"), _("It stays with who offered it. Nothing else is to be done.")
    ),
    TransferStatus.WITHDRAWN: Standing(
        "calm", _("The offer was withdrawn"), _("The ticket is not offered to you any more.")
    ),
    TransferStatus.EXPIRED: Standing(
        "calm", _("The offer has expired"), _("Nobody accepted the ticket in time. Ask for a new offer.")
    ),
}

REFUND: dict[str, Standing] = {
    "promised": Standing("wait", _("On its way"), _("The money is about to go back to how you paid.")),
    "sent": Standing("wait", _("On its way"), _("The bank has been told. It may take some days to arrive.")),
    "by_hand": Standing(
        "wait", _("With the organiser"), _("The organiser sends the money back to you by hand.")
    ),
    "refused": Standing(
        "bad",
        _("Held up"),
        _("The bank did not accept it. The organiser knows, and finds another way to pay you back."),
    ),
    "back": Standing("good", _("Paid back")),
    "nothing": Standing("calm", _("Done"), _("Nothing was to be paid back.")),
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
    "disabled": _("The organiser does not take tickets back."),
    "too_late": _("It is too late to give it back: the event is too near."),
    "used": _("It was used, and so cannot be given back."),
    "given_away": _("You have given it to somebody else."),
    "blocked": _("The organiser has blocked it. Write to them."),
    "frozen": _("Its payment is disputed. Wait until that is decided."),
    "event_cancelled": _("The event does not take place. The organiser gives you back all that you paid."),
    "over": _("It was given back already, or is not valid any more."),
    "paid": _("This order is paid by now, so it cannot be cancelled like that."),
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
        _("This ticket has been given away"),
        _("It belongs to another person now, who has a link of their own. This one opens it no more."),
    ),
    EndOfLink.REISSUED: Standing(
        "calm",
        _("This ticket has been replaced"),
        _("The old code lets nobody in any more. The new ticket was sent by e-mail."),
    ),
}

DONE: dict[str, Promise] = {
    "changed": _("Saved."),
    "offered": _("The ticket is offered. It stays yours until it is accepted."),
    "withdrawn": _("The offer is withdrawn. The ticket is yours alone again."),
    "replaced": _("This is your new ticket. The old one lets nobody in any more."),
    "returned": _("Done: what you chose is given back. See below how the money comes back to you."),
    "cancelled": _("Your order is cancelled. Nothing of it is held for you any more."),
}

PROBLEMS: dict[str, Promise] = {
    "transfers_disabled": _("Tickets of this organiser cannot be given away."),
    "transfer_too_late": _("It is too late to give this ticket away: the event is too near."),
    "ticket_not_transferable": _("As it is now, this ticket cannot be given away or replaced."),
    "transfer_open": _("This ticket is offered to somebody already. Withdraw that offer first."),
    "too_many_offers": _("That was done too often with this ticket today. Try again tomorrow."),
    "transfer_over": _("The offer is not open any more."),
    "ticket_over": _("This ticket lets nobody in any more, so nothing of it can change."),
    "attendee_changes_closed": _("What is written on this ticket cannot be changed any more."),
    "return_terms_changed": _(
        "What would come back has changed meanwhile, so nothing was done. Look at it again."
    ),
    "locked": _("Somebody else is changing this ticket just now. Try again."),
}
HELD = _("Your places are held until %(until)s.")
NOT_DONE = _("That did not work, and nothing was changed. Load the page again.")
ANSWER_DOES_NOT_FIT = _("This answer does not fit.")
THEIRS_ALREADY = _("The ticket is theirs already.")


def problem_text(error: KassaError) -> Promise:
    """Return what a page says about a refusal."""
    return PROBLEMS.get(error.code, NOT_DONE)
