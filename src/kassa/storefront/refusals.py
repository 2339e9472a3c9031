"""What a buyer is told when the sale or a payment says no: a plain sentence in the page's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kassa.core.errors import KassaError
from kassa.storefront.facts import amount_text, moment_text
from kassa.storefront.words import problem_text

PLAIN: dict[str, Promise] = {
    "seat_taken": gettext_lazy("A seat you chose has just been taken. Choose another one."),
    "seat_unknown": gettext_lazy(
        "A seat you chose is not sold with this kind of ticket. Choose another one."
    ),
    "item_unknown": gettext_lazy("This is not on sale any more."),
    "amount_too_large": gettext_lazy("The total is too large for one order. Place several smaller ones."),
    "guest_checkout_not_allowed": gettext_lazy("Please sign in to order here."),
    "customer_unknown": gettext_lazy("Your account is not known any more. Sign in again, or order without."),
    "shipping_address_missing": gettext_lazy(
        "Something in your order is sent to you. Say where it should go."
    ),
    "coupon_unknown": gettext_lazy("There is no coupon with this code. Check it for typing mistakes."),
    "coupon_inactive": gettext_lazy("This coupon is not valid any more."),
    "coupon_exhausted": gettext_lazy("Others have used this coupon up."),
    "coupon_not_applicable": gettext_lazy("This coupon is not for anything in your order."),
    "answer_missing": gettext_lazy("Please answer this question."),
    "answer_invalid": gettext_lazy("This answer does not fit."),
    "cart_empty": gettext_lazy("There is nothing in your cart. Choose something first."),
    "idempotency_key_reused": gettext_lazy("This order has been placed already, with other details."),
    "attempt_key_reused": gettext_lazy("This payment has been opened already. Load the page again."),
    "refund_key_reused": gettext_lazy("This has been asked for already. Load the page again."),
    "desk_busy": gettext_lazy(
        "Very many are ordering just now. Nothing is lost; please try again in a moment."
    ),
    "busy": gettext_lazy("Very many are ordering just now. Nothing is lost; please try again in a moment."),
    "locked": gettext_lazy("Others are ordering the same just now. Please try again."),
    "waiting_room": gettext_lazy(
        "So many want this that everybody waits for their turn. Join the line first."
    ),
    "order_expired": gettext_lazy("The time to pay is over, and what was held for you is free again."),
    "approval_awaited": gettext_lazy("The organiser decides about this order first, and writes to you."),
    "already_shipped": gettext_lazy("This order is on its way already, so it cannot be cancelled any more."),
    "illegal_move": gettext_lazy("As it is now, this order cannot be changed like that."),
    "too_many_requests": gettext_lazy(
        "That was a lot in a short time. Please wait a few minutes, then try again."
    ),
    "too_many_uploads": gettext_lazy(
        "Your files are too large together. Choose smaller ones, or order in several parts."
    ),
    "upload_storage_full": gettext_lazy(
        "No more files can be taken just now. Please write to the organiser."
    ),
    "payment_provider_unknown": gettext_lazy("This way to pay is not offered any more. Choose another one."),
    "payment_provider_not_offered": gettext_lazy(
        "This way to pay is not offered any more. Choose another one."
    ),
    "payment_provider_unreachable": gettext_lazy(
        "The payment service does not answer just now. Nothing was charged; please try again."
    ),
    "payment_refused": gettext_lazy(
        "The payment service does not accept this payment. Nothing was charged; try another way to pay."
    ),
    "nothing_to_pay": gettext_lazy("There is nothing to pay for this order any more."),
    "payment_attempts_exhausted": gettext_lazy(
        "This order cannot be paid any more: too many payments have failed. Choose the same again."
    ),
    "nothing_to_retry": gettext_lazy("No payment was tried yet. Choose how you want to pay."),
    "payment_attempt_over": gettext_lazy("This payment is over. Start a new one."),
    "payment_under_way": gettext_lazy(
        "Your bank has not answered yet. Please wait, so that you pay only once."
    ),
    "nothing_to_refund": gettext_lazy("There is nothing left to give back."),
    "ticket_not_refundable": gettext_lazy("This ticket cannot be given back any more."),
    "dispute_open": gettext_lazy("A payment of this order is disputed. Wait until that is decided."),
    "refund_under_way": gettext_lazy("The money is on its way back already. Please wait until it is there."),
}
"""By code; what needs a name, a number or a time has a function below."""


def refusal_text(error: KassaError, *, time_zone: str = "UTC") -> str:
    """Return what a page says about a refusal; ``time_zone``: the clock of the event it is about."""
    tell = _TOLD.get(error.code)
    if tell is not None:
        return tell(error, time_zone)
    return str(PLAIN.get(error.code) or problem_text(error))


def _sold_out(error: KassaError, zone: str) -> str:
    left = error.details["left"]
    if not left:
        return _("“%(name)s” is sold out.") % _named(error)
    text = ngettext(
        "Only %(left)d of “%(name)s” is left. Choose fewer.",
        "Only %(left)d of “%(name)s” are left. Choose fewer.",
        left,
    )
    return text % {**_named(error), "left": left}


def _seats_not_chosen(error: KassaError, zone: str) -> str:
    return _("Choose the seats for “%(name)s”.") % _named(error)


def _seats_not_numbered(error: KassaError, zone: str) -> str:
    return _("“%(name)s” has no numbered seats.") % _named(error)


def _sales_closed(error: KassaError, zone: str) -> str:
    if error.details["event_status"] == "cancelled":
        return _("“%(name)s” is not sold any more: the event does not take place.") % _named(error)
    return _("“%(name)s” is not on sale any more.") % _named(error)


def _sales_not_started(error: KassaError, zone: str) -> str:
    at = _moment(error.details["starts_at"], zone)
    return _("“%(name)s” is on sale from %(at)s. Come back then.") % {**_named(error), "at": at}


def _sales_ended(error: KassaError, zone: str) -> str:
    at = _moment(error.details["ended_at"], zone)
    return _("“%(name)s” was on sale until %(at)s.") % {**_named(error), "at": at}


def _limit_per_order(error: KassaError, zone: str) -> str:
    minimum, maximum = error.details["minimum"], error.details["maximum"]
    facts = {**_named(error), "minimum": minimum, "maximum": maximum}
    if maximum is None:
        return _("One order takes at least %(minimum)d of “%(name)s”.") % facts
    if minimum > 1:
        return _("One order takes %(minimum)d to %(maximum)d of “%(name)s”.") % facts
    return _("One order takes at most %(maximum)d of “%(name)s”.") % facts


def _addon_alone(error: KassaError, zone: str) -> str:
    return _("“%(name)s” goes with a ticket: choose a ticket as well.") % _named(error)


def _already_booked(error: KassaError, zone: str) -> str:
    return _("You have booked “%(name)s” already, and one booking each is allowed.") % _named(error)


def _mixed_currencies(error: KassaError, zone: str) -> str:
    text = _("These prices are in different currencies (%(currencies)s). Order them one after the other.")
    return text % {"currencies": ", ".join(error.details["currencies"])}


def _coupon_not_started(error: KassaError, zone: str) -> str:
    return _("This coupon is good from %(at)s.") % {"at": _moment(error.details["starts_at"], zone)}


def _coupon_expired(error: KassaError, zone: str) -> str:
    return _("This coupon was good until %(at)s.") % {"at": _moment(error.details["ended_at"], zone)}


def _coupon_used(error: KassaError, zone: str) -> str:
    limit = error.details["limit"]
    text = ngettext(
        "You have used this coupon already; it is good for %(limit)d order each.",
        "You have used this coupon already; it is good for %(limit)d orders each.",
        limit,
    )
    return text % {"limit": limit}


def _coupon_minimum(error: KassaError, zone: str) -> str:
    minimum = amount_text(Decimal(error.details["minimum"]), error.details["currency"])
    return _("This coupon needs an order of at least %(minimum)s.") % {"minimum": minimum}


def _cart_closed(error: KassaError, zone: str) -> str:
    if error.details["cart_status"] == "converted":
        return _("This order has been placed already.")
    return _("The time to order is over, and what was held for you is free again.")


def _cart_full(error: KassaError, zone: str) -> str:
    text = _("A cart holds at most %(limit)d different things. Order these first.")
    return text % {"limit": error.details["limit"]}


def _hold_extended(error: KassaError, zone: str) -> str:
    at = _moment(error.details["expires_at"], zone)
    return _("Your time was extended already, which is possible once. Order before %(at)s.") % {"at": at}


def _upload_too_large(error: KassaError, zone: str) -> str:
    text = _("This file is too large. At most %(limit)d MB are taken.")
    return text % {"limit": error.details["limit"] // 1024 // 1024}


def _refund_too_large(error: KassaError, zone: str) -> str:
    left = amount_text(Decimal(error.details["refundable"]), error.details["currency"])
    return _("That is more than what is left to give back: %(left)s.") % {"left": left}


_TOLD: Mapping[str, Callable[[KassaError, str], str]] = {
    "sold_out": _sold_out,
    "seats_not_chosen": _seats_not_chosen,
    "seats_not_numbered": _seats_not_numbered,
    "sales_closed": _sales_closed,
    "sales_not_started": _sales_not_started,
    "sales_ended": _sales_ended,
    "limit_per_order": _limit_per_order,
    "addon_alone": _addon_alone,
    "already_booked": _already_booked,
    "mixed_currencies": _mixed_currencies,
    "coupon_not_started": _coupon_not_started,
    "coupon_expired": _coupon_expired,
    "coupon_used": _coupon_used,
    "coupon_minimum": _coupon_minimum,
    "cart_closed": _cart_closed,
    "cart_full": _cart_full,
    "hold_extended": _hold_extended,
    "upload_too_large": _upload_too_large,
    "refund_too_large": _refund_too_large,
}


def _named(error: KassaError) -> dict[str, Any]:
    return {"name": getattr(error, "name", "")}


def _moment(written: str, time_zone: str) -> str:
    return moment_text(datetime.fromisoformat(written), time_zone)
