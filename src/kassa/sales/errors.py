"""Why an order is refused. Each names the line it is about and, where it helps, what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.catalog.errors import AboutLine, AnswerInvalid, AnswerMissing, AnswerRefused, AttendeeNameMissing
from kassa.core.clock import format_moment
from kassa.core.errors import Busy, Conflict, InvalidInput
from kassa.core.formatting import format_datetime, format_money
from kassa.core.languages import Language
from kassa.core.money import format_amount
from kassa.sales.enums import CartStatus


def _in_words(moment: datetime) -> str:
    """Return a moment as people read it; the clock of a place is not known here."""
    return format_datetime(moment, UTC, Language.ENGLISH)


class Refusal(Conflict):
    """An order that cannot be placed as things stand; nothing was changed."""

    code = "refused"
    title = "The order cannot be placed"


class LineRefusal(AboutLine, Refusal):
    """A refusal because of one line."""

    name: str = ""
    """What the line asks for, in the seller's words; empty: the refusal needs no name."""

    def __init__(self, detail: str, *, line: int, item: UUID, **details: Any) -> None:
        super().__init__(detail, line=line, item=str(item), **details)
        self.line = line
        self.item = item


class SoldOut(LineRefusal):
    """Fewer places are left than the line asks for; `left` says how many."""

    code = "sold_out"
    title = "Sold out"

    def __init__(self, *, line: int, item: UUID, name: str, left: int) -> None:
        self.name = name
        sentence = f"'{name}' is sold out." if left <= 0 else f"Only {left} of '{name}' left. Ask for fewer."
        self.left = max(left, 0)
        super().__init__(sentence, line=line, item=item, left=self.left)


class SeatTaken(LineRefusal):
    """A chosen seat has been taken, held or blocked meanwhile; `seats` names them."""

    code = "seat_taken"
    title = "Seat taken"

    def __init__(self, *, line: int, item: UUID, seats: list[UUID]) -> None:
        self.seats = tuple(seats)
        super().__init__(
            "A seat you chose has just been taken. Choose another.",
            line=line,
            item=item,
            seats=[str(seat) for seat in seats],
        )


class SeatUnknown(LineRefusal):
    """A chosen seat does not exist in this event or is not sold by this ticket type."""

    code = "seat_unknown"
    title = "No such seat"

    def __init__(self, *, line: int, item: UUID, seats: list[UUID]) -> None:
        self.seats = tuple(seats)
        super().__init__(
            "A seat you chose is not one that this ticket type sells. Read the event's seats again.",
            line=line,
            item=item,
            seats=[str(seat) for seat in seats],
        )


class SeatsNotChosen(LineRefusal):
    """The ticket type sells numbered seats and the line neither names them nor asks for the best."""

    code = "seats_not_chosen"
    title = "Seats are needed"

    def __init__(self, *, line: int, item: UUID, name: str) -> None:
        self.name = name
        super().__init__(
            f"'{name}' is sold by numbered seat. Name one seat for each place in 'seats', "
            "or send 'best_available': true.",
            line=line,
            item=item,
        )


class SeatsNotNumbered(LineRefusal):
    """The line names seats, but the ticket type has no numbered seats."""

    code = "seats_not_numbered"
    title = "There are no numbered seats"

    def __init__(self, *, line: int, item: UUID, name: str) -> None:
        self.name = name
        super().__init__(f"'{name}' has no numbered seats. Leave 'seats' out.", line=line, item=item)


class ItemUnknown(LineRefusal):
    """The ticket type or product does not exist, or is not sold any more."""

    code = "item_unknown"
    title = "Not on sale"

    def __init__(self, *, line: int, item: UUID) -> None:
        super().__init__("This ticket type or product is not on sale.", line=line, item=item)


class SalesClosed(LineRefusal):
    """The event is not published, or it is cancelled or over."""

    code = "sales_closed"
    title = "Not on sale"

    def __init__(self, *, line: int, item: UUID, name: str, event_status: str) -> None:
        self.name = name
        self.event_status = event_status
        super().__init__(
            f"'{name}' is not on sale: the event is {event_status}.",
            line=line,
            item=item,
            event_status=event_status,
        )


class SalesNotStarted(LineRefusal):
    """The sale begins later; `starts_at` says when."""

    code = "sales_not_started"
    title = "The sale has not begun"

    def __init__(self, *, line: int, item: UUID, name: str, starts_at: datetime) -> None:
        self.name = name
        self.starts_at = starts_at
        super().__init__(
            f"'{name}' is sold from {_in_words(starts_at)}. Come back then.",
            line=line,
            item=item,
            starts_at=format_moment(starts_at),
        )


class SalesEnded(LineRefusal):
    """The sale is over; `ended_at` says since when."""

    code = "sales_ended"
    title = "The sale has ended"

    def __init__(self, *, line: int, item: UUID, name: str, ended_at: datetime) -> None:
        self.name = name
        self.ended_at = ended_at
        super().__init__(
            f"'{name}' was sold until {_in_words(ended_at)}.",
            line=line,
            item=item,
            ended_at=format_moment(ended_at),
        )


class LimitPerOrder(LineRefusal):
    """The quantity is below or above what one order may have; `minimum` and `maximum` say it."""

    code = "limit_per_order"
    title = "Not this many in one order"

    def __init__(self, *, line: int, item: UUID, name: str, minimum: int, maximum: int | None) -> None:
        self.name = name
        self.minimum, self.maximum = minimum, maximum
        most = "" if maximum is None else f" and at most {maximum}"
        super().__init__(
            f"One order takes at least {minimum}{most} of '{name}'.",
            line=line,
            item=item,
            minimum=minimum,
            maximum=maximum,
        )


class AddonAlone(LineRefusal):
    """The ticket type is an add-on, and the order has no other ticket of its event to go with."""

    code = "addon_alone"
    title = "Needs another ticket"

    def __init__(self, *, line: int, item: UUID, name: str) -> None:
        self.name = name
        super().__init__(
            f"'{name}' is sold only together with another ticket of the same event. Order both together.",
            line=line,
            item=item,
        )


class AlreadyBooked(LineRefusal):
    """The event allows one booking per customer, and this customer has one; `left` is 0."""

    code = "already_booked"
    title = "Already booked"

    def __init__(self, *, line: int, item: UUID, name: str) -> None:
        self.name = name
        super().__init__(
            f"This customer has booked '{name}' already, and one booking each is allowed.",
            line=line,
            item=item,
            left=0,
        )


class LimitPerCustomer(LineRefusal):
    """Each customer may have at most `maximum` over all orders; this one may have `left` more."""

    code = "limit_per_customer"
    title = "Not this many for one customer"

    def __init__(self, *, line: int, item: UUID, name: str, maximum: int, left: int) -> None:
        self.name = name
        self.maximum, self.left = maximum, left
        more = f"this customer may have {left} more" if left else "this customer has them"
        super().__init__(
            f"Each customer may have at most {maximum} of '{name}', and {more}.",
            line=line,
            item=item,
            maximum=maximum,
            left=left,
        )


class MixedCurrencies(Refusal):
    """The lines are priced in different currencies; order them separately."""

    code = "mixed_currencies"
    title = "One order has one currency"

    def __init__(self, currencies: list[str]) -> None:
        self.currencies = tuple(currencies)
        super().__init__(
            f"The lines are priced in {' and '.join(currencies)}. Place one order for each.",
            currencies=currencies,
        )


class AmountTooLarge(Refusal):
    """The order's total is beyond what Kassa can keep."""

    code = "amount_too_large"
    title = "The total is too large"

    def __init__(self) -> None:
        super().__init__("The total of this order is too large. Split it into several.")


class TotalChanged(Refusal):
    """The order would cost something else than `expected_total`; `total` and `price_trace` say what."""

    code = "total_changed"
    title = "The total has changed"

    def __init__(
        self, *, expected: str, total: str, currency: str, trace: Sequence[Mapping[str, Any]]
    ) -> None:
        super().__init__(
            f"The order costs {total} {currency} now, not {expected} {currency}. "
            "Show the buyer the new total, then send it as 'expected_total'.",
            expected_total=expected,
            total=total,
            currency=currency,
            price_trace=list(trace),
        )


class GuestCheckoutNotAllowed(Refusal):
    """The organisation sells to known customers only; send `customer.user` or `customer.reference`."""

    code = "guest_checkout_not_allowed"
    title = "Guests cannot order here"

    def __init__(self) -> None:
        super().__init__(
            "This organisation does not sell to guests. Send 'customer.user' or 'customer.reference'."
        )


class CustomerUnknown(Refusal):
    """There is no such user; leave `customer.user` out for a guest."""

    code = "customer_unknown"
    title = "No such user"

    def __init__(self) -> None:
        super().__init__("There is no user with this id. Leave 'customer.user' out for a guest.")


class ShippingAddressMissing(Refusal):
    """Something of the order is shipped, so it needs a shipping address."""

    code = "shipping_address_missing"
    title = "Where should it go?"

    def __init__(self) -> None:
        super().__init__("Something in this order is shipped. Send a 'shipping_address'.")


class CouponRefusal(Refusal):
    """A refusal because of the coupon."""


class CouponUnknown(CouponRefusal):
    """There is no coupon with this code."""

    code = "coupon_unknown"
    title = "No such coupon"

    def __init__(self, code: str) -> None:
        super().__init__("There is no coupon with this code. Please check for typos.", coupon=code)


class CouponInactive(CouponRefusal):
    """The coupon has been switched off."""

    code = "coupon_inactive"
    title = "The coupon is not active"

    def __init__(self, code: str) -> None:
        super().__init__("This coupon is not active.", coupon=code)


class CouponNotStarted(CouponRefusal):
    """The coupon is good from a later moment; `starts_at` says when."""

    code = "coupon_not_started"
    title = "The coupon is not good yet"

    def __init__(self, code: str, starts_at: datetime) -> None:
        self.starts_at = starts_at
        super().__init__(
            f"This coupon is good from {_in_words(starts_at)}.",
            coupon=code,
            starts_at=format_moment(starts_at),
        )


class CouponExpired(CouponRefusal):
    """The coupon was good until an earlier moment; `ended_at` says when."""

    code = "coupon_expired"
    title = "The coupon has expired"

    def __init__(self, code: str, ended_at: datetime) -> None:
        self.ended_at = ended_at
        super().__init__(
            f"This coupon was good until {_in_words(ended_at)}.",
            coupon=code,
            ended_at=format_moment(ended_at),
        )


class CouponUsed(CouponRefusal):
    """This customer has used the coupon as often as one may; `limit` says how often."""

    code = "coupon_used"
    title = "The coupon is used"

    def __init__(self, code: str, limit: int) -> None:
        self.limit = limit
        times = "once" if limit == 1 else f"{limit} times"
        super().__init__(
            f"Each customer may use this coupon {times}, and this customer has.",
            coupon=code,
            limit=limit,
            left=0,
        )


class CouponExhausted(CouponRefusal):
    """The coupon has been used as often as it may be by all customers together."""

    code = "coupon_exhausted"
    title = "The coupon is used up"

    def __init__(self, code: str, limit: int) -> None:
        super().__init__("This coupon has been used up by others.", coupon=code, limit=limit, left=0)


class CouponMinimum(CouponRefusal):
    """The order is too small for the coupon; `minimum` says how much it takes."""

    code = "coupon_minimum"
    title = "The order is too small for the coupon"

    def __init__(self, code: str, minimum: Decimal, currency: str) -> None:
        self.minimum, self.currency = minimum, currency
        super().__init__(
            f"This coupon needs an order of at least {format_money(minimum, currency, Language.ENGLISH)}.",
            coupon=code,
            minimum=format_amount(minimum, currency),
            currency=currency,
        )


class CouponNotApplicable(CouponRefusal):
    """The coupon is for other events, or an amount in another currency."""

    code = "coupon_not_applicable"
    title = "The coupon is for something else"

    def __init__(self, code: str) -> None:
        super().__init__("This coupon is not for anything in this order.", coupon=code)


class HoldLimitReached(Refusal):
    """The visitor holds too many unpaid places of the event; `left` more can be held now."""

    code = "hold_limit_reached"
    title = "Too many places are held"

    def __init__(self, *, event: UUID, name: str, maximum: int, left: int, is_signed_in: bool) -> None:
        super().__init__(
            f"At most {maximum} unpaid places of '{name}' are held for one visitor or connection at a time; "
            f"{left} more can be held now. Order and pay for those first.",
            event=str(event),
            maximum=maximum,
            left=left,
        )
        self.name = name
        self.maximum, self.left = maximum, left
        self.is_signed_in = is_signed_in


class PassInUse(Refusal):
    """The pass of the waiting room has opened another cart, which still holds its places."""

    code = "pass_in_use"
    title = "The pass is used for another cart"

    def __init__(self) -> None:
        super().__init__(
            "This place in the line has opened a cart in another browser. Go on there, or wait until that "
            "cart's time is over."
        )


class CartClosed(Refusal):
    """The cart has expired, was given up, or has become an order already."""

    code = "cart_closed"
    title = "The cart is closed"

    def __init__(self, status: str) -> None:
        self.cart_status = CartStatus(status)
        super().__init__(f"This cart is {status}. Start a new one.", cart_status=status)


class CartEmpty(Refusal):
    """There is nothing in the cart."""

    code = "cart_empty"
    title = "The cart is empty"

    def __init__(self) -> None:
        super().__init__("There is nothing in this cart. Put something in first.")


class OrderKeyReused(InvalidInput):
    """The Idempotency-Key was used with another order."""

    code = "idempotency_key_reused"
    title = "The key belongs to another request"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was sent with another order. Use a new key for a new order.")


class DeskBusy(Busy):
    """Too many orders are waiting. Repeat it with the same Idempotency-Key: it is placed once at most."""

    code = "desk_busy"
    title = "Too many orders are waiting"

    def __init__(self) -> None:
        super().__init__("Too many orders are waiting. Send this one again, with the same Idempotency-Key.")


REFUSALS: tuple[type[Refusal | AnswerRefused | AttendeeNameMissing], ...] = (
    SoldOut,
    SeatTaken,
    SeatUnknown,
    SeatsNotChosen,
    SeatsNotNumbered,
    ItemUnknown,
    SalesClosed,
    SalesNotStarted,
    SalesEnded,
    LimitPerOrder,
    AddonAlone,
    AlreadyBooked,
    LimitPerCustomer,
    MixedCurrencies,
    AmountTooLarge,
    GuestCheckoutNotAllowed,
    CustomerUnknown,
    ShippingAddressMissing,
    CouponUnknown,
    CouponInactive,
    CouponNotStarted,
    CouponExpired,
    CouponUsed,
    CouponExhausted,
    CouponMinimum,
    CouponNotApplicable,
    AttendeeNameMissing,
    AnswerMissing,
    AnswerInvalid,
)
"""Everything an order may be refused for, for the API's description and its tests."""
