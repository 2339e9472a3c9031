"""What an order would cost and need, and why it cannot be had: pure functions over offers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kassa.core.money import DECIMAL_PLACES, MAX_DIGITS, format_amount
from kassa.coupons.enums import DiscountType
from kassa.sales.domain.offers import CouponOffer, CustomerLimit, Offer, Offers, SaleSettings
from kassa.sales.domain.pricing import Discount, Fees, PricedOrder, PriceLine, price_order
from kassa.sales.domain.request import OrderRequest
from kassa.sales.errors import (
    AddonAlone,
    AmountTooLarge,
    CouponExpired,
    CouponInactive,
    CouponMinimum,
    CouponNotApplicable,
    CouponNotStarted,
    CouponUnknown,
    CustomerUnknown,
    GuestCheckoutNotAllowed,
    ItemUnknown,
    LimitPerCustomer,
    LimitPerOrder,
    MixedCurrencies,
    Refusal,
    SalesClosed,
    SalesEnded,
    SalesNotStarted,
    SeatsNotChosen,
    SeatsNotNumbered,
    ShippingAddressMissing,
    TotalChanged,
)

LARGEST_TOTAL = Decimal(10) ** (MAX_DIGITS - DECIMAL_PLACES)


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """An upload that an order names, and where."""

    upload_id: UUID
    question: str
    place: Mapping[str, int]
    """The line and the attendee; empty: on the order."""


@dataclass(frozen=True, slots=True)
class Quote:
    """An order that may be placed if there is room: its price and what it draws on."""

    request: OrderRequest
    offers: tuple[Offer, ...]
    price: PricedOrder
    currency: str
    coupon: CouponOffer | None
    needs: Mapping[UUID, int]
    """How many places of which quota."""
    event_id: UUID | None
    requires_approval: bool
    files: tuple[FileAnswer, ...] = ()
    customer_keys: tuple[str, ...] = ()
    """Under which its customer is counted, their own one first. Empty: nothing of it is counted."""

    @property
    def is_counted(self) -> bool:
        """Whether something of it is limited for each customer."""
        return self.coupon is not None or any(offer.is_limited for offer in self.offers)


def quote_order(request: OrderRequest, offers: Offers, *, now: datetime) -> Quote | Refusal:
    """Return the quote of an order, or the reason why it cannot be placed."""
    settings = offers.settings
    if settings is None:
        return ItemUnknown(line=0, item=request.lines[0].item_id)
    found: list[Offer] = []
    for index, line in enumerate(request.lines):
        offer = offers.items.get(line.item_id)
        if offer is None or offer.is_product != line.is_product:
            return ItemUnknown(line=index, item=line.item_id)
        found.append(offer)
    refusal = (
        _refuse_customer(request, offers, settings)
        or _refuse_lines(request, found, now)
        or _refuse_limits(request, found)
        or _refuse_addons(found)
        or _refuse_whole(request, found)
    )
    if refusal is not None:
        return refusal
    coupon = None
    if request.coupon_code is not None:
        coupon = offers.coupons.get(request.coupon_code.upper())
        refusal = _refuse_coupon(request.coupon_code, coupon, found, now)
        if refusal is not None:
            return refusal
    return _price(request, found, coupon, settings)


def _refuse_customer(request: OrderRequest, offers: Offers, settings: SaleSettings) -> Refusal | None:
    user_id = request.customer.user_id
    if user_id is not None and user_id not in offers.user_ids:
        return CustomerUnknown()
    if request.customer.is_guest and not settings.allow_guest_checkout:
        return GuestCheckoutNotAllowed()
    return None


def _refuse_lines(request: OrderRequest, found: list[Offer], now: datetime) -> Refusal | None:
    for index, (line, offer) in enumerate(zip(request.lines, found, strict=True)):
        if offer.event_status != "published":
            return SalesClosed(line=index, item=offer.id, name=offer.name, event_status=offer.event_status)
        if offer.sales_start_at is not None and now < offer.sales_start_at:
            starts_at = offer.sales_start_at
            return SalesNotStarted(line=index, item=offer.id, name=offer.name, starts_at=starts_at)
        if offer.sales_end_at is not None and now >= offer.sales_end_at:
            ended_at = offer.sales_end_at
            return SalesEnded(line=index, item=offer.id, name=offer.name, ended_at=ended_at)
        if offer.seat_category is None:
            if line.seat_ids or line.best_available:
                return SeatsNotNumbered(line=index, item=offer.id, name=offer.name)
        elif line.best_available == bool(line.seat_ids) or len(line.seat_ids) not in (0, line.quantity):
            return SeatsNotChosen(line=index, item=offer.id, name=offer.name)
    return None


def _refuse_limits(request: OrderRequest, found: list[Offer]) -> Refusal | None:
    """Limits count over all lines of one ticket type or product, so that splitting does not help."""
    wanted: Counter[UUID] = Counter()
    of_customer: Counter[UUID] = Counter()
    for line in request.lines:
        wanted[line.item_id] += line.quantity
    for index, (line, offer) in enumerate(zip(request.lines, found, strict=True)):
        quantity = wanted[offer.id]
        if quantity < offer.min_per_order or (
            offer.max_per_order is not None and quantity > offer.max_per_order
        ):
            return LimitPerOrder(
                line=index,
                item=offer.id,
                name=offer.name,
                minimum=offer.min_per_order,
                maximum=offer.max_per_order,
            )
        for limit in offer.customer_limits:
            of_customer[limit.limited_id] += line.quantity
            if of_customer[limit.limited_id] > limit.maximum:
                return _refuse_limited(limit, offer, index)
    return None


def _refuse_limited(limit: CustomerLimit, offer: Offer, index: int) -> Refusal:
    """Return the refusal of an order that alone asks for more than a customer may have."""
    if limit.is_booking:
        return LimitPerOrder(line=index, item=offer.id, name=limit.name, minimum=1, maximum=1)
    return LimitPerCustomer(
        line=index, item=offer.id, name=limit.name, maximum=limit.maximum, left=limit.maximum
    )


def _refuse_addons(found: list[Offer]) -> Refusal | None:
    """An add-on goes with another ticket of the same event; a product is no ticket."""
    if not any(offer.is_addon for offer in found):
        return None
    attended = {offer.event_id for offer in found if not offer.is_addon and not offer.is_product}
    for index, offer in enumerate(found):
        if offer.is_addon and offer.event_id not in attended:
            return AddonAlone(line=index, item=offer.id, name=offer.name)
    return None


def _refuse_whole(request: OrderRequest, found: list[Offer]) -> Refusal | None:
    currencies = sorted({offer.currency for offer in found})
    if len(currencies) > 1:
        return MixedCurrencies(currencies)
    if request.shipping_address is None and any(offer.is_shippable for offer in found):
        return ShippingAddressMissing()
    return None


def _refuse_coupon(
    code: str, coupon: CouponOffer | None, found: list[Offer], now: datetime
) -> Refusal | None:
    if coupon is None:
        return CouponUnknown(code)
    if not coupon.is_active:
        return CouponInactive(code)
    if coupon.starts_at is not None and now < coupon.starts_at:
        return CouponNotStarted(code, coupon.starts_at)
    if coupon.ends_at is not None and now >= coupon.ends_at:
        return CouponExpired(code, coupon.ends_at)
    foreign = coupon.currency is not None and coupon.currency != found[0].currency
    if foreign or not any(is_good_for(coupon, offer) for offer in found):
        return CouponNotApplicable(code)
    return None


def is_good_for(coupon: CouponOffer, offer: Offer) -> bool:
    """Say whether a coupon makes this offer cheaper: one of its events, or everything if it names none."""
    return not coupon.event_ids or (offer.event_id is not None and offer.event_id in coupon.event_ids)


def _price(
    request: OrderRequest, found: list[Offer], coupon: CouponOffer | None, settings: SaleSettings
) -> Quote | Refusal:
    currency = found[0].currency
    subtotal = sum(
        (offer.price * line.quantity for offer, line in zip(found, request.lines, strict=True)), Decimal(0)
    )
    if subtotal * 3 >= LARGEST_TOTAL:
        return AmountTooLarge()
    if (
        coupon is not None
        and coupon.min_purchase_amount is not None
        and subtotal < coupon.min_purchase_amount
    ):
        return CouponMinimum(coupon.code, coupon.min_purchase_amount, currency)
    price = price_order(
        [
            PriceLine(
                label=offer.name,
                unit_price=offer.price,
                quantity=line.quantity,
                tax=offer.tax,
                discountable=coupon is not None and is_good_for(coupon, offer),
                shippable=offer.is_shippable,
            )
            for offer, line in zip(found, request.lines, strict=True)
        ],
        currency=currency,
        discount=None if coupon is None else _discount(coupon),
        fees=Fees(
            percentage=settings.service_fee_percentage,
            fixed=settings.service_fee_fixed,
            shipping=settings.shipping_fee,
            taxation=settings.fee_taxation,
            shipping_taxation=settings.shipping_taxation,
        ),
    )
    if request.expected_total not in (None, price.total):
        return TotalChanged(
            expected=f"{request.expected_total:f}",
            total=format_amount(price.total, currency),
            currency=currency,
            trace=price.trace,
        )
    needs: Counter[UUID] = Counter()
    for offer, line in zip(found, request.lines, strict=True):
        for quota_id in offer.quota_ids:
            needs[quota_id] += line.quantity
    events = {offer.event_id for offer in found if not offer.is_product}
    return Quote(
        request=request,
        offers=tuple(found),
        price=price,
        currency=currency,
        coupon=coupon,
        needs=needs,
        event_id=events.pop() if len(events) == 1 else None,
        requires_approval=any(offer.requires_approval for offer in found),
    )


def _discount(coupon: CouponOffer) -> Discount:
    if coupon.discount_type == DiscountType.PERCENTAGE:
        return Discount(code=coupon.code, percentage=coupon.discount_value, amount=None)
    return Discount(code=coupon.code, percentage=None, amount=coupon.discount_value)
