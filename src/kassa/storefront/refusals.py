"""What a buyer is told when the sale or a payment says no: a plain sentence in the page's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kassa.core.errors import KassaError
from kassa.orders.errors import UploadTooLarge
from kassa.payments.errors import RefundTooLarge
from kassa.sales.domain.cart_errors import CartFull, HoldExtended
from kassa.sales.enums import CartStatus
from kassa.sales.errors import (
    AddonAlone,
    AlreadyBooked,
    CartClosed,
    CouponExpired,
    CouponMinimum,
    CouponNotStarted,
    CouponUsed,
    HoldLimitReached,
    LimitPerCustomer,
    LimitPerOrder,
    LineRefusal,
    MixedCurrencies,
    SalesClosed,
    SalesEnded,
    SalesNotStarted,
    SeatsNotChosen,
    SeatsNotNumbered,
    SoldOut,
)
from kassa.storefront.formatting import amount_text, moment_text
from kassa.storefront.messages import problem_text

PLAIN: dict[str, Promise] = {
    "seat_taken": gettext_lazy("A seat you chose has just been taken. Choose another one."),
    "seat_unknown": gettext_lazy(
        "A seat you chose is not sold with this kind of ticket. Choose another one."
    ),
    "item_unknown": gettext_lazy("This is no longer on sale."),
    "amount_too_large": gettext_lazy(
        "The total is too high for one order. Please place several smaller orders."
    ),
    "guest_checkout_not_allowed": gettext_lazy("Please sign in to order here."),
    "customer_unknown": gettext_lazy("We can’t find your account. Sign in again, or order without one."),
    "shipping_address_missing": gettext_lazy(
        "Part of your order needs to be shipped. Please enter a shipping address."
    ),
    "coupon_unknown": gettext_lazy("There is no coupon with this code. Please check for typos."),
    "coupon_inactive": gettext_lazy("This coupon is no longer valid."),
    "coupon_exhausted": gettext_lazy("This coupon has been used up."),
    "coupon_not_applicable": gettext_lazy("This coupon doesn’t apply to anything in your order."),
    "answer_missing": gettext_lazy("Please answer this question."),
    "answer_invalid": gettext_lazy("This answer isn’t valid."),
    "cart_empty": gettext_lazy("Your cart is empty. Choose something first."),
    "idempotency_key_reused": gettext_lazy("This order has already been placed with different details."),
    "attempt_key_reused": gettext_lazy("This payment has already been started. Please reload the page."),
    "refund_key_reused": gettext_lazy("This has already been requested. Please reload the page."),
    "desk_busy": gettext_lazy(
        "A lot of people are ordering right now. Nothing is lost; please try again in a moment."
    ),
    "busy": gettext_lazy(
        "A lot of people are ordering right now. Nothing is lost; please try again in a moment."
    ),
    "locked": gettext_lazy("Others are ordering the same thing right now. Please try again."),
    "waiting_room": gettext_lazy(
        "Demand is very high, so everyone waits in line. Please join the line first."
    ),
    "pass_in_use": gettext_lazy(
        "Your place in the line is used for a cart in another browser. Go on there, or wait until that "
        "cart’s time is over."
    ),
    "order_expired": gettext_lazy("Your time to pay ran out, so your reservation was released."),
    "approval_awaited": gettext_lazy("The organiser has to approve this order first and will write to you."),
    "already_shipped": gettext_lazy("This order has already been shipped, so it can’t be cancelled."),
    "illegal_move": gettext_lazy("This order can’t be changed that way at the moment."),
    "too_many_uploads": gettext_lazy(
        "Your files are too large together. Choose smaller ones, or order in several parts."
    ),
    "upload_storage_full": gettext_lazy(
        "We can’t accept more files right now. Please contact the organiser."
    ),
    "payment_provider_unknown": gettext_lazy(
        "This payment method is no longer available. Please choose another one."
    ),
    "payment_provider_not_offered": gettext_lazy(
        "This payment method is no longer available. Please choose another one."
    ),
    "address_unproven": gettext_lazy("Confirm your e-mail address first: sign in, or pay in another way."),
    "payment_too_slow": gettext_lazy(
        "The money would arrive after the start. Please choose another payment method."
    ),
    "payment_provider_unreachable": gettext_lazy(
        "The payment service isn’t responding right now. You have not been charged; please try again."
    ),
    "payment_refused": gettext_lazy(
        "The payment service declined this payment. You have not been charged; please try another way to pay."
    ),
    "nothing_to_pay": gettext_lazy("There is nothing left to pay for this order."),
    "payment_attempts_exhausted": gettext_lazy(
        "This order can no longer be paid because too many payments failed. You can order the same again."
    ),
    "nothing_to_retry": gettext_lazy("You haven’t tried to pay yet. Choose how you want to pay."),
    "payment_attempt_over": gettext_lazy("This payment is over. Start a new one."),
    "payment_under_way": gettext_lazy(
        "Your bank hasn’t confirmed the payment yet. Please wait so that you don’t pay twice."
    ),
    "nothing_to_refund": gettext_lazy("There is nothing left to refund."),
    "ticket_not_refundable": gettext_lazy("This ticket can no longer be refunded."),
    "dispute_open": gettext_lazy(
        "A payment for this order is disputed. Please wait until the dispute is settled."
    ),
    "refund_under_way": gettext_lazy("Your refund is already on its way. Please wait until it arrives."),
}
"""By code; what needs a name, a number or a time has a function below, by its class."""


def refusal_text(error: KassaError, *, time_zone: str = "UTC") -> str:
    """Return what a page says about a refusal; ``time_zone``: the clock of the event it is about."""
    tell = _TOLD.get(type(error))
    if tell is not None:
        return tell(error, time_zone)
    return str(PLAIN.get(error.code) or problem_text(error))


def _sold_out(error: SoldOut, zone: str) -> str:
    left = error.left
    if not left:
        return _("“%(name)s” is sold out.") % _named(error)
    text = ngettext(
        "Only %(left)d of “%(name)s” is left. Choose fewer.",
        "Only %(left)d of “%(name)s” are left. Choose fewer.",
        left,
    )
    return text % {**_named(error), "left": left}


def _seats_not_chosen(error: SeatsNotChosen, zone: str) -> str:
    return _("Choose the seats for “%(name)s”.") % _named(error)


def _seats_not_numbered(error: SeatsNotNumbered, zone: str) -> str:
    return _("“%(name)s” has no numbered seats.") % _named(error)


def _sales_closed(error: SalesClosed, zone: str) -> str:
    if error.event_status == "cancelled":
        return _("“%(name)s” is no longer on sale: the event has been cancelled.") % _named(error)
    return _("“%(name)s” is no longer on sale.") % _named(error)


def _sales_not_started(error: SalesNotStarted, zone: str) -> str:
    at = moment_text(error.starts_at, zone)
    return _("“%(name)s” is on sale from %(at)s. Come back then.") % {**_named(error), "at": at}


def _sales_ended(error: SalesEnded, zone: str) -> str:
    at = moment_text(error.ended_at, zone)
    return _("“%(name)s” was on sale until %(at)s.") % {**_named(error), "at": at}


def _limit_per_order(error: LimitPerOrder, zone: str) -> str:
    minimum, maximum = error.minimum, error.maximum
    facts = {**_named(error), "minimum": minimum, "maximum": maximum}
    if maximum is None:
        return _("One order takes at least %(minimum)d of “%(name)s”.") % facts
    if minimum > 1:
        return _("One order takes %(minimum)d to %(maximum)d of “%(name)s”.") % facts
    return _("One order takes at most %(maximum)d of “%(name)s”.") % facts


def _addon_alone(error: AddonAlone, zone: str) -> str:
    return _("“%(name)s” goes with a ticket: choose a ticket as well.") % _named(error)


def _already_booked(error: AlreadyBooked, zone: str) -> str:
    return _("You have already booked “%(name)s”, and only one booking per person is allowed.") % _named(
        error
    )


def _limit_per_customer(error: LimitPerCustomer, zone: str) -> str:
    left = error.left
    facts = {**_named(error), "maximum": error.maximum, "left": left}
    if not left:
        return _("Each customer may buy at most %(maximum)d of “%(name)s”, and you have them.") % facts
    return (
        ngettext(
            "Each customer may buy at most %(maximum)d of “%(name)s”. You can buy %(left)d more.",
            "Each customer may buy at most %(maximum)d of “%(name)s”. You can buy %(left)d more.",
            left,
        )
        % facts
    )


def _mixed_currencies(error: MixedCurrencies, zone: str) -> str:
    text = _(
        "These prices are in different currencies (%(currencies)s). Please place a separate order for each."
    )
    return text % {"currencies": ", ".join(error.currencies)}


def _coupon_not_started(error: CouponNotStarted, zone: str) -> str:
    return _("This coupon is valid from %(at)s.") % {"at": moment_text(error.starts_at, zone)}


def _coupon_expired(error: CouponExpired, zone: str) -> str:
    return _("This coupon was valid until %(at)s.") % {"at": moment_text(error.ended_at, zone)}


def _coupon_used(error: CouponUsed, zone: str) -> str:
    limit = error.limit
    text = ngettext(
        "You have used this coupon already; it is good for %(limit)d order each.",
        "You have used this coupon already; it is good for %(limit)d orders each.",
        limit,
    )
    return text % {"limit": limit}


def _coupon_minimum(error: CouponMinimum, zone: str) -> str:
    minimum = amount_text(error.minimum, error.currency)
    return _("This coupon requires a minimum order of %(minimum)s.") % {"minimum": minimum}


def _cart_closed(error: CartClosed, zone: str) -> str:
    if error.cart_status == CartStatus.CONVERTED:
        return _("This order has already been placed.")
    return _("Your time ran out, so your reservation was released.")


def _cart_full(error: CartFull, zone: str) -> str:
    text = _("A cart holds at most %(limit)d different things. Order these first.")
    return text % {"limit": error.limit}


def _hold_extended(error: HoldExtended, zone: str) -> str:
    at = moment_text(error.expires_at, zone)
    return _("Your time has already been extended once. Please order before %(at)s.") % {"at": at}


def _upload_too_large(error: UploadTooLarge, zone: str) -> str:
    text = _("This file is too large. The limit is %(limit)d MB.")
    return text % {"limit": error.limit // 1024 // 1024}


def _refund_too_large(error: RefundTooLarge, zone: str) -> str:
    left = amount_text(error.refundable, error.currency)
    return _("That is more than can still be refunded: %(left)s.") % {"left": left}


def _hold_limit_reached(error: HoldLimitReached, zone: str) -> str:
    text = ngettext(
        "At most %(maximum)d unpaid ticket for “%(name)s” can be held at a time from one browser or internet "
        "connection, and %(left)d more now. Pay for the one you have first.",
        "At most %(maximum)d unpaid tickets for “%(name)s” can be held at a time from one browser or "
        "internet connection, and %(left)d more now. Pay for those you have first.",
        error.maximum,
    )
    told = text % {**_named(error), "maximum": error.maximum, "left": error.left}
    if error.is_signed_in:
        return told
    return f"{told} {_('Or sign in with your e-mail address: then your own tickets alone are counted.')}"


_TOLD: Mapping[type[KassaError], Callable[[Any, str], str]] = {
    SoldOut: _sold_out,
    SeatsNotChosen: _seats_not_chosen,
    SeatsNotNumbered: _seats_not_numbered,
    SalesClosed: _sales_closed,
    SalesNotStarted: _sales_not_started,
    SalesEnded: _sales_ended,
    LimitPerOrder: _limit_per_order,
    AddonAlone: _addon_alone,
    AlreadyBooked: _already_booked,
    LimitPerCustomer: _limit_per_customer,
    HoldLimitReached: _hold_limit_reached,
    MixedCurrencies: _mixed_currencies,
    CouponNotStarted: _coupon_not_started,
    CouponExpired: _coupon_expired,
    CouponUsed: _coupon_used,
    CouponMinimum: _coupon_minimum,
    CartClosed: _cart_closed,
    CartFull: _cart_full,
    HoldExtended: _hold_extended,
    UploadTooLarge: _upload_too_large,
    RefundTooLarge: _refund_too_large,
}


def _named(error: LineRefusal | HoldLimitReached) -> dict[str, Any]:
    return {"name": error.name}
