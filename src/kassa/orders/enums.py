"""The states of an order, of its payment and of its tickets, and the legal moves as data."""

from __future__ import annotations

from django.db import models


class OrderStatus(models.TextChoices):
    """One machine for every trade (order-service.md, event-platform.md, order-drafts.md)."""

    DRAFT = "draft"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class PaymentStatus(models.TextChoices):
    """Beside the order's own status (course-booking.md)."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class FulfilmentStatus(models.TextChoices):
    """How far an order's goods have come. Refunds move the order's status, and never this."""

    UNFULFILLED = "unfulfilled"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"


class Approval(models.TextChoices):
    """Whether the organiser has to agree, and whether they did."""

    NOT_NEEDED = "not_needed"
    AWAITED = "awaited"
    APPROVED = "approved"
    REJECTED = "rejected"


class ItemKind(models.TextChoices):
    TICKET = "ticket"
    MERCHANDISE = "merchandise"
    FEE = "fee"


class TicketStatus(models.TextChoices):
    """``reserved`` while the order is a draft or pending, ``valid`` once it is confirmed."""

    RESERVED = "reserved"
    VALID = "valid"
    USED = "used"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"


_S = OrderStatus
_AFTER_SALE = frozenset({_S.PARTIALLY_REFUNDED, _S.REFUNDED})

ORDER_MOVES: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.DRAFT: frozenset({_S.PENDING, _S.CONFIRMED, _S.CANCELLED, _S.EXPIRED}),
    _S.PENDING: frozenset({_S.CONFIRMED, _S.CANCELLED, _S.EXPIRED}),
    _S.CONFIRMED: frozenset({_S.PROCESSING, _S.COMPLETED, _S.CANCELLED}) | _AFTER_SALE,
    _S.PROCESSING: frozenset({_S.SHIPPED, _S.COMPLETED, _S.CANCELLED}) | _AFTER_SALE,
    _S.SHIPPED: frozenset({_S.DELIVERED}) | _AFTER_SALE,
    _S.DELIVERED: frozenset({_S.COMPLETED}) | _AFTER_SALE,
    _S.COMPLETED: _AFTER_SALE,
    _S.PARTIALLY_REFUNDED: frozenset({_S.PROCESSING, _S.SHIPPED, _S.DELIVERED, _S.COMPLETED, _S.REFUNDED}),
    _S.REFUNDED: frozenset(),
    _S.CANCELLED: frozenset(),
    # A payment that comes too late takes the places again, if they are still free.
    _S.EXPIRED: frozenset({_S.CONFIRMED}),
}
"""Which status an order may take from which. The database's trigger holds the same table."""

_F = FulfilmentStatus

FULFILMENT_MOVES: dict[FulfilmentStatus, frozenset[FulfilmentStatus]] = {
    _F.UNFULFILLED: frozenset({_F.PROCESSING, _F.COMPLETED}),
    _F.PROCESSING: frozenset({_F.SHIPPED, _F.COMPLETED}),
    _F.SHIPPED: frozenset({_F.DELIVERED}),
    _F.DELIVERED: frozenset({_F.COMPLETED}),
    _F.COMPLETED: frozenset(),
}
"""How goods move on. An order takes the status of the same name only together with its goods."""

CANCELLABLE: frozenset[FulfilmentStatus] = frozenset({_F.UNFULFILLED, _F.PROCESSING})
"""Where the goods may be when an order is cancelled: still with the organisation."""

_P = PaymentStatus

PAYMENT_MOVES: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    _P.PENDING: frozenset({_P.PAID, _P.FAILED, _P.CANCELLED}),
    _P.FAILED: frozenset({_P.PENDING, _P.PAID, _P.CANCELLED}),
    _P.PAID: frozenset({_P.PARTIALLY_REFUNDED, _P.REFUNDED}),
    # What was given back may come back: the card was closed, and the buyer does not have the money.
    _P.PARTIALLY_REFUNDED: frozenset({_P.REFUNDED, _P.PAID}),
    _P.CANCELLED: frozenset({_P.PAID}),
    _P.REFUNDED: frozenset({_P.PARTIALLY_REFUNDED, _P.PAID}),
}

RARE_PAYMENT_STATUSES: frozenset[PaymentStatus] = frozenset(PaymentStatus) - {_P.PAID, _P.CANCELLED}
"""Where few of all payments stand; the others end as paid or cancelled."""

STAFF_MOVES: frozenset[OrderStatus] = frozenset(
    {_S.CONFIRMED, _S.PROCESSING, _S.SHIPPED, _S.DELIVERED, _S.COMPLETED, _S.CANCELLED}
)
"""Where staff may move an order by hand. Expiry is the clock's, refunds follow money."""

HOLDING: tuple[OrderStatus, ...] = (_S.DRAFT, _S.PENDING)
"""The states in which places are reserved and not yet sold."""

ADMITTING_TICKETS: tuple[TicketStatus, ...] = (TicketStatus.VALID, TicketStatus.USED)
"""Those that are worth something at the door: with a code, to print, to give back."""
LIVE_TICKETS: tuple[TicketStatus, ...] = (TicketStatus.RESERVED, TicketStatus.VALID, TicketStatus.USED)
"""The states in which a ticket has its place."""


class ScannerKind(models.TextChoices):
    """Who or what lets tickets in."""

    USER = "user"
    API_KEY = "api_key"
    DEVICE = "device"


class UploadType(models.TextChoices):
    """The kinds of files that buyers may send, told by what is in them and not by their name."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
