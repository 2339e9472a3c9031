"""The order: what was bought by whom, at what price, and everything that happened to it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from kassa.core.actor import ActorKind
from kassa.core.fields import CurrencyField, MoneyField, not_negative, one_of
from kassa.core.languages import Language
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference
from kassa.orders.enums import (
    CANCELLABLE,
    HOLDING,
    LIVE_TICKETS,
    RARE_PAYMENT_STATUSES,
    Approval,
    FulfilmentStatus,
    ItemKind,
    OrderStatus,
    PaymentStatus,
    ScannerKind,
    TicketStatus,
    UploadType,
)

ONE_ORDER_PER_KEY = "orders_order_idempotency_key"
ONE_ORDER_PER_CART = "orders_order_cart"
ONE_TICKET_PER_SEAT = "orders_ticket_seat"
ONE_UNIT_PER_NUMBER = "orders_limituse_nth"
NEVER_MORE_GOODS_BACK = "orders_orderitem_refunded"
ONE_USE_PER_TURN = "orders_couponusage_nth"


class OrderNumberSeries(TenantModel):
    """The last order number an organisation gave out in a year."""

    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            TenantKey(name="orders_ordernumberseries_key"),
            models.UniqueConstraint(fields=["organization", "year"], name="orders_ordernumberseries_once"),
        ]


_FULFILMENT_FITS = (
    Q(status__in=("processing", "shipped", "delivered", "completed"), fulfilment_status=F("status"))
    | Q(status__in=("draft", "pending", "confirmed", "expired"), fulfilment_status="unfulfilled")
    | Q(status="cancelled", fulfilment_status__in=sorted(CANCELLABLE))
    | Q(status__in=("partially_refunded", "refunded"))
)
"""An order that says where its goods are says it right, and only goods that are still here are cancelled."""


class Order(TenantModel):
    """One purchase: tickets and merchandise bought together."""

    number = models.CharField(max_length=50)
    """For people: ``ORD-2026-00001``, counted per organisation and year."""
    status = models.CharField(
        max_length=20, choices=OrderStatus.choices, default=OrderStatus.DRAFT, db_default=OrderStatus.DRAFT
    )
    payment_status = models.CharField(
        max_length=20,
        choices=PaymentStatus.choices,
        default=PaymentStatus.PENDING,
        db_default=PaymentStatus.PENDING,
    )
    fulfilment_status = models.CharField(
        max_length=11,
        choices=FulfilmentStatus.choices,
        default=FulfilmentStatus.UNFULFILLED,
        db_default=FulfilmentStatus.UNFULFILLED,
    )
    """Where its goods are, whatever was refunded meanwhile."""
    approval = models.CharField(
        max_length=10, choices=Approval.choices, default=Approval.NOT_NEEDED, db_default=Approval.NOT_NEEDED
    )
    event = TenantForeignKey("catalog.Event", null=True)
    """None: its lines are of several events, or of none."""
    user = models.ForeignKey(
        "identity.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    """None: a guest, or a person whose account was deleted."""
    customer_key = models.CharField(max_length=300)
    """Who counts as one customer: ``user:…``, ``reference:…`` or ``email:…``."""
    customer_reference = models.CharField(max_length=200, null=True)
    """The customer's id in the client's own system. None: not given."""
    customer_email = models.CharField(max_length=254)
    customer_first_name = models.CharField(max_length=120, blank=True, db_default="")
    customer_last_name = models.CharField(max_length=120, blank=True, db_default="")
    customer_phone = models.CharField(max_length=40, blank=True, db_default="")
    customer_address = models.JSONField(null=True)
    customer_marketing = models.BooleanField(default=False, db_default=False)
    """The customer agreed to be written to about other things than this order."""
    customer_language = models.CharField(max_length=5, choices=Language.choices, null=True)
    """What the customer is written to in. None: in the organisation's language."""
    answers = models.JSONField(default=dict, db_default={})
    """Answers to questions that are asked once per order, by the question's key."""
    subtotal = MoneyField()
    discount = MoneyField(default=0, db_default=0)
    fees = MoneyField(default=0, db_default=0)
    taxes = MoneyField(default=0, db_default=0)
    """Added to the prices."""
    included_taxes = MoneyField(default=0, db_default=0)
    """Contained in the prices; told, not added."""
    shipping = MoneyField(default=0, db_default=0)
    total = MoneyField()
    refunded_amount = MoneyField(default=0, db_default=0)
    """What is back with the buyer."""
    refunding_amount = MoneyField(default=0, db_default=0)
    """What was promised and is on its way."""
    currency = CurrencyField()
    coupon_code = models.CharField(max_length=60, null=True)
    charge_taxes = models.JSONField(default=list, db_default=[])
    """The taxes on fees and shipping, which are part of ``taxes`` and ``included_taxes``."""
    price_trace = models.JSONField(default=list, db_default=[])
    """Every step of the price, in order; the amounts add up to ``total``."""
    payment_id = models.UUIDField(null=True)
    """The payment that confirmed it. None: none did, or it was free."""
    payment_method = models.CharField(max_length=100, null=True)
    """How it was paid. None: not yet, or it was free."""
    payment_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    last_payment_attempt_at = models.DateTimeField(null=True)
    shipping_address = models.JSONField(null=True)
    billing_address = models.JSONField(null=True)
    notes = models.TextField(blank=True, db_default="")
    tracking_number = models.CharField(max_length=100, null=True)
    cart_id = models.UUIDField(null=True)
    """The cart it was converted from; a cart becomes one order at most. None: none."""
    idempotency_key = models.CharField(max_length=255)
    fingerprint = models.BinaryField()
    """SHA-256 of the request that placed it: its key with another request is refused."""
    imported_from = models.CharField(max_length=40, null=True)
    """The older system that it was imported from. None: it was placed here."""
    expires_at = models.DateTimeField(null=True)
    """When its places are given back unless it is confirmed. None: it holds them for good."""
    payment_awaited_until = models.DateTimeField(null=True)
    """Until when, after `expires_at`, its places are kept unless its provider says that it is not paid.
    None: there is nothing to ask."""
    placed_by = models.UUIDField(null=True)
    placed_by_kind = models.CharField(max_length=8, choices=ActorKind.choices, default=ActorKind.SYSTEM)
    link_generation = models.PositiveIntegerField(default=0, db_default=0)
    """Of its secret links: those of an earlier one open nothing any more."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    paid_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancellation_reason = models.TextField(null=True)
    expired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="orders_order_key"),
            TenantReference(field="event", to="catalog_event", name="orders_order_event"),
            # Of packages above: what is deleted there leaves the order as it is.
            TenantReference(
                field="payment_id", to="payments_payment", set_null=True, name="orders_order_payment"
            ),
            TenantReference(field="cart_id", to="sales_cart", set_null=True, name="orders_order_of_cart"),
            models.UniqueConstraint(fields=["organization", "number"], name="orders_order_number"),
            models.UniqueConstraint(fields=["organization", "idempotency_key"], name=ONE_ORDER_PER_KEY),
            models.UniqueConstraint(
                fields=["organization", "cart_id"],
                condition=Q(cart_id__isnull=False),
                name=ONE_ORDER_PER_CART,
            ),
            one_of("status", OrderStatus, name="orders_order_status"),
            one_of("payment_status", PaymentStatus, name="orders_order_payment_status"),
            one_of("fulfilment_status", FulfilmentStatus, name="orders_order_fulfilment_status"),
            models.CheckConstraint(condition=_FULFILMENT_FITS, name="orders_order_status_fulfilment"),
            one_of("approval", Approval, name="orders_order_approval"),
            one_of("customer_language", Language, name="orders_order_language"),
            not_negative(
                "subtotal",
                "discount",
                "fees",
                "taxes",
                "shipping",
                "total",
                "refunded_amount",
                "refunding_amount",
                name="orders_order_money",
            ),
            models.CheckConstraint(
                condition=Q(total=F("subtotal") - F("discount") + F("fees") + F("taxes") + F("shipping")),
                name="orders_order_total",
            ),
            models.CheckConstraint(condition=Q(discount__lte=F("subtotal")), name="orders_order_discount"),
            models.CheckConstraint(
                condition=Q(total__gte=F("refunded_amount") + F("refunding_amount")),
                name="orders_order_refunded",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="orders_order_list"),
            models.Index(fields=["organization", "status", "id"], name="orders_order_by_status"),
            models.Index(fields=["organization", "event", "id"], name="orders_order_by_event"),
            # These three begin with the person: a buyer asks for what is theirs at all organisations.
            models.Index(Lower("customer_email"), "organization", "id", name="orders_order_by_email"),
            models.Index(
                fields=["user", "organization", "id"],
                name="orders_order_by_user",
                condition=Q(user__isnull=False),
            ),
            models.Index(
                fields=["customer_reference", "organization", "id"],
                name="orders_order_by_reference",
                condition=Q(customer_reference__isnull=False),
            ),
            models.Index(
                fields=["organization", "payment_id"],
                name="orders_order_by_payment",
                condition=Q(payment_id__isnull=False),
            ),
            # What is paid or cancelled is most of all orders: their list is as quick without an index.
            models.Index(
                fields=["organization", "payment_status", "id"],
                name="orders_order_by_payment_status",
                condition=Q(payment_status__in=sorted(RARE_PAYMENT_STATUSES)),
            ),
            models.Index(fields=["organization", "created_at"], name="orders_order_by_creation"),
            models.Index(
                fields=["organization", "expires_at"],
                name="orders_order_overdue",
                condition=Q(status__in=[str(status) for status in HOLDING], expires_at__isnull=False),
            ),
        ]


class OrderItem(TenantPart):
    """One line of an order, with a snapshot of what was sold and at what price."""

    order = TenantForeignKey(Order, related_name="items")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=11, choices=ItemKind.choices)
    event = TenantForeignKey("catalog.Event", null=True)
    ticket_type = TenantForeignKey("catalog.TicketType", null=True)
    product = TenantForeignKey("catalog.Product", null=True)
    name = models.CharField(max_length=255)
    sku = models.CharField(max_length=100, blank=True, db_default="")
    is_shippable = models.BooleanField(default=False, db_default=False)
    quantity = models.PositiveIntegerField()
    unit_price = MoneyField()
    subtotal = MoneyField()
    """``quantity * unit_price``, before discount and added tax."""
    discount = MoneyField(default=0, db_default=0)
    tax = MoneyField(default=0, db_default=0)
    """Added to the price."""
    included_tax = MoneyField(default=0, db_default=0)
    total = MoneyField()
    """What is paid for the line: ``subtotal - discount + tax``."""
    tax_name = models.CharField(max_length=80, blank=True, db_default="")
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3, default=0, db_default=0)
    quota_ids = ArrayField(models.UUIDField(), default=list, db_default=[])
    """The quotas it drew on when it was placed; the same ones get its places back."""
    refunded_quantity = models.PositiveIntegerField(default=0, db_default=0)
    """Pieces of goods that were given back. Tickets are given back one by one."""
    restocked_quantity = models.PositiveIntegerField(default=0, db_default=0)
    """How many of those are in stock again."""
    metadata = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="orders_orderitem_key"),
            TenantReference(field="order", to="orders_order", cascade=True, name="orders_orderitem_order"),
            TenantReference(field="event", to="catalog_event", name="orders_orderitem_event"),
            TenantReference(
                field="ticket_type", to="catalog_tickettype", name="orders_orderitem_ticket_type"
            ),
            TenantReference(field="product", to="catalog_product", name="orders_orderitem_product"),
            one_of("kind", ItemKind, name="orders_orderitem_kind"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_orderitem_quantity"),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("refunded_quantity"))
                & Q(refunded_quantity__gte=F("restocked_quantity")),
                name=NEVER_MORE_GOODS_BACK,
            ),
            not_negative("unit_price", "discount", "tax", "total", name="orders_orderitem_money"),
            models.CheckConstraint(
                condition=Q(subtotal=F("quantity") * F("unit_price"))
                & Q(total=F("subtotal") - F("discount") + F("tax")),
                name="orders_orderitem_total",
            ),
            models.CheckConstraint(
                condition=Q(kind="ticket", ticket_type__isnull=False, product__isnull=True)
                | Q(kind="merchandise", ticket_type__isnull=True, product__isnull=False)
                | Q(kind="fee", ticket_type__isnull=True, product__isnull=True),
                name="orders_orderitem_what",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "order", "position"], name="orders_orderitem_of_order"),
            models.Index(
                fields=["organization", "product"],
                name="orders_orderitem_of_product",
                condition=Q(product__isnull=False),
            ),
        ]


class Ticket(TenantPart):
    """One place for one person."""

    order = TenantForeignKey(Order, related_name="tickets")
    item = TenantForeignKey(OrderItem, related_name="tickets")
    event = TenantForeignKey("catalog.Event")
    ticket_type = TenantForeignKey("catalog.TicketType")
    seat = TenantForeignKey("seating.EventSeat", null=True)
    """None: a place without a number."""
    seat_label = models.CharField(max_length=120, blank=True, db_default="")
    code = models.CharField(max_length=32)
    status = models.CharField(
        max_length=9,
        choices=TicketStatus.choices,
        default=TicketStatus.RESERVED,
        db_default=TicketStatus.RESERVED,
    )
    base_price = MoneyField()
    discount = MoneyField(default=0, db_default=0)
    tax = MoneyField(default=0, db_default=0)
    price_paid = MoneyField()
    """What is given back for it: ``base_price - discount + tax``."""
    attendee_first_name = models.CharField(max_length=120, blank=True, db_default="")
    attendee_last_name = models.CharField(max_length=120, blank=True, db_default="")
    attendee_email = models.CharField(max_length=254, blank=True, db_default="")
    attendee_phone = models.CharField(max_length=40, blank=True, db_default="")
    attendee_fields = models.JSONField(default=dict, db_default={})
    booking_key = models.CharField(max_length=300, null=True)
    """The customer's own key, where something of it is limited for each. None: nothing is."""
    frozen_at = models.DateTimeField(null=True)
    """Since when a dispute about its payment keeps it from letting anybody in. None: it is not frozen."""
    blocked_at = models.DateTimeField(null=True)
    """Since when staff keep it from letting anybody in. None: they do not."""
    block_reason = models.CharField(max_length=300, blank=True, db_default="")
    checked_in_at = models.DateTimeField(null=True)
    """When it first let somebody in. None: it has not, or that was undone."""
    checked_in_by = models.UUIDField(null=True)
    """The user, API key or device that let them in. None: nobody yet, or that was undone."""
    checked_in_by_kind = models.CharField(max_length=7, choices=ScannerKind.choices, null=True)
    """Which of these ``checked_in_by`` is."""
    transferred_at = models.DateTimeField(null=True)
    """When it last went to another person. None: it never did."""
    transferred_from = models.CharField(max_length=254, blank=True, db_default="")
    """The e-mail address of who had it before."""
    transferred_to = models.CharField(max_length=254, blank=True, db_default="")
    link_generation = models.PositiveIntegerField(default=0, db_default=0)
    """Of its secret links: those of an earlier one open nothing any more."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="orders_ticket_key"),
            TenantReference(field="order", to="orders_order", cascade=True, name="orders_ticket_order"),
            TenantReference(field="item", to="orders_orderitem", cascade=True, name="orders_ticket_item"),
            TenantReference(field="event", to="catalog_event", name="orders_ticket_event"),
            TenantReference(field="ticket_type", to="catalog_tickettype", name="orders_ticket_ticket_type"),
            TenantReference(field="seat", to="seating_eventseat", name="orders_ticket_of_seat"),
            models.UniqueConstraint(fields=["organization", "code"], name="orders_ticket_code"),
            models.UniqueConstraint(
                fields=["organization", "seat"],
                condition=Q(status__in=[str(status) for status in LIVE_TICKETS], seat__isnull=False),
                name=ONE_TICKET_PER_SEAT,
            ),
            one_of("status", TicketStatus, name="orders_ticket_status"),
            one_of("checked_in_by_kind", ScannerKind, name="orders_ticket_checked_in_by_kind"),
            models.CheckConstraint(
                condition=Q(checked_in_by__isnull=True, checked_in_by_kind__isnull=True)
                | Q(checked_in_by__isnull=False, checked_in_by_kind__isnull=False),
                name="orders_ticket_checked_in_by",
            ),
            not_negative("base_price", "discount", "tax", "price_paid", name="orders_ticket_money"),
            models.CheckConstraint(
                condition=Q(price_paid=F("base_price") - F("discount") + F("tax")),
                name="orders_ticket_price_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "order"], name="orders_ticket_of_order"),
            models.Index(fields=["organization", "event", "id"], name="orders_ticket_of_event"),
            models.Index(
                Lower("attendee_email"),
                "organization",
                name="orders_ticket_by_email",
                condition=~Q(attendee_email=""),
            ),
        ]


class CouponUsage(TenantPart):
    """A use of a coupon under one key of its customer, held and given back together with its order.

    One use has a row for each key that is known of the customer.
    """

    coupon = TenantForeignKey("coupons.Coupon")
    order = TenantForeignKey(Order, related_name="coupon_usages")
    user = models.ForeignKey(
        "identity.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    customer_key = models.CharField(max_length=300)
    nth = models.PositiveIntegerField()
    """This customer's how manyth use of the coupon."""
    limit_at_use = models.PositiveIntegerField()
    """What the coupon allowed each customer when it was used."""
    created_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)
    """None: the use counts. Given back by cancellation, expiry or a full refund."""

    class Meta:
        constraints = [
            TenantKey(name="orders_couponusage_key"),
            TenantReference(field="coupon", to="coupons_coupon", name="orders_couponusage_coupon"),
            TenantReference(field="order", to="orders_order", cascade=True, name="orders_couponusage_order"),
            models.UniqueConstraint(
                fields=["organization", "coupon", "customer_key", "nth"],
                condition=Q(released_at__isnull=True),
                name=ONE_USE_PER_TURN,
            ),
            models.UniqueConstraint(
                fields=["organization", "order", "customer_key"], name="orders_couponusage_once"
            ),
            models.CheckConstraint(
                condition=Q(nth__gte=1, nth__lte=F("limit_at_use")), name="orders_couponusage_limit"
            ),
        ]
        indexes = [
            models.Index(fields=["user"], name="orders_couponusage_of_user", condition=Q(user__isnull=False))
        ]


class LimitUse(TenantPart):
    """A ticket, or a piece of goods, of something that is limited for each customer, under one of their keys.

    There is a row for each key that is known of the customer. The database's triggers give it back when its
    ticket ends, or its goods go back or their order ends, and take it again when an expired order is paid.
    """

    order = TenantForeignKey(Order, related_name="limit_uses")
    item = TenantForeignKey(OrderItem)
    ticket = TenantForeignKey(Ticket, null=True)
    """None: a piece of goods."""
    limited_id = models.UUIDField()
    """The event, ticket type or product that each customer may have only so many of."""
    customer_key = models.CharField(max_length=300)
    nth = models.PositiveIntegerField()
    limit_at_use = models.PositiveIntegerField()
    """How many each customer might have when it was bought."""
    created_at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)
    """None: it counts."""

    class Meta:
        constraints = [
            TenantKey(name="orders_limituse_key"),
            TenantReference(field="order", to="orders_order", cascade=True, name="orders_limituse_order"),
            TenantReference(field="item", to="orders_orderitem", cascade=True, name="orders_limituse_item"),
            TenantReference(field="ticket", to="orders_ticket", cascade=True, name="orders_limituse_ticket"),
            models.UniqueConstraint(
                fields=["organization", "limited_id", "customer_key", "nth"],
                condition=Q(released_at__isnull=True),
                name=ONE_UNIT_PER_NUMBER,
            ),
            models.CheckConstraint(
                condition=Q(nth__gte=1, nth__lte=F("limit_at_use")), name="orders_limituse_limit"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "ticket"], name="orders_limituse_of_ticket"),
            models.Index(fields=["organization", "order"], name="orders_limituse_of_order"),
        ]


class OrderHistory(TenantPart):
    """One change of an order's status or payment status; the database's trigger writes it."""

    order = TenantForeignKey(Order, related_name="history")
    position = models.PositiveIntegerField()
    """Its place among the changes of its order, from 1: their order, whatever the clocks said."""
    from_status = models.CharField(max_length=20, null=True)
    """None: the order was placed."""
    to_status = models.CharField(max_length=20)
    from_payment_status = models.CharField(max_length=20, null=True)
    to_payment_status = models.CharField(max_length=20)
    notes = models.TextField(null=True)
    changed_by = models.UUIDField(null=True)
    """The user or the API key. None: the system itself, or a buyer with a secret link."""
    changed_by_kind = models.CharField(max_length=8, choices=ActorKind.choices, default=ActorKind.SYSTEM)
    """Which of these ``changed_by`` is."""
    created_at = models.DateTimeField(db_default=Now())
    """Never before that of the change before."""

    class Meta:
        constraints = [
            TenantKey(name="orders_orderhistory_key"),
            TenantReference(field="order", to="orders_order", cascade=True, name="orders_orderhistory_order"),
            models.UniqueConstraint(
                fields=["organization", "order", "position"], name="orders_orderhistory_position"
            ),
        ]


class Upload(TenantModel):
    """A file that answers a question; one that no order has claimed after a day is deleted."""

    order = TenantForeignKey(Order, null=True)
    """Whose answer it is, for good. None: nobody's yet."""
    name = models.CharField(max_length=200)
    """As the client called it, without what a file's name cannot have."""
    media_type = models.CharField(max_length=15, choices=UploadType.choices)
    size = models.PositiveIntegerField()
    """In bytes."""
    content = models.BinaryField()
    uploaded_by = models.UUIDField(null=True)
    """The API key it came with. None: a visitor sent it."""
    cart_id = models.UUIDField(null=True)
    """The cart it was sent for. None: a program did not say."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="orders_upload_key"),
            TenantReference(field="order", to="orders_order", cascade=True, name="orders_upload_order"),
            one_of("media_type", UploadType, name="orders_upload_media_type"),
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=5 * 1024 * 1024), name="orders_upload_size"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "created_at"],
                name="orders_upload_unclaimed",
                condition=Q(order__isnull=True),
            ),
            models.Index(
                fields=["organization", "order"],
                name="orders_upload_of_order",
                condition=Q(order__isnull=False),
            ),
        ]
