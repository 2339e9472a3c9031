"""The cart: places held while a buyer makes up their mind (event-platform.md)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.core.fields import CurrencyField, one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference
from kassa.sales.enums import CartStatus


class Cart(TenantModel):
    """What a buyer has chosen; it holds its places until ``expires_at``."""

    session_id = models.CharField(max_length=120, blank=True, db_default="")
    """The client's own name for the buyer's visit. Empty: it has none, or the cart was opened on a page."""
    browser = models.CharField(max_length=22, blank=True, db_default="")
    """The random name of the browser that opened it on a page. Empty: it was opened through the API."""
    repeats_cart = TenantForeignKey("self", null=True)
    """The expired cart whose items a browser has chosen again. None: it repeats no cart."""
    repeats_order = TenantForeignKey("orders.Order", null=True)
    """The ended order whose items a browser has chosen again. None: it repeats no order."""
    user = models.ForeignKey(
        "identity.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    customer = models.JSONField(null=True)
    """Who is buying, as far as is known. None: nothing yet."""
    coupon_code = models.CharField(max_length=60, null=True)
    currency = CurrencyField(null=True)
    """Of its items. None: it is empty."""
    status = models.CharField(max_length=9, choices=CartStatus.choices, default=CartStatus.ACTIVE)
    holders = ArrayField(models.TextField(), default=list, db_default=[])
    """Keyed hashes of the browser, address, network, account and waiting-room passes by which it is counted
    while it holds places. Empty: it was opened through the API, or holds nothing any longer."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    extended_at = models.DateTimeField(null=True)
    """When its hold was extended, which is allowed once. None: not yet."""

    class Meta:
        constraints = [
            TenantKey(name="sales_cart_key"),
            TenantReference(
                field="repeats_cart", to="sales_cart", set_null=True, name="sales_cart_repeats_cart"
            ),
            TenantReference(
                field="repeats_order", to="orders_order", set_null=True, name="sales_cart_repeats_order"
            ),
            one_of("status", CartStatus, name="sales_cart_status"),
            models.CheckConstraint(
                condition=Q(repeats_cart__isnull=True, repeats_order__isnull=True)
                | ~Q(browser="") & (Q(repeats_cart__isnull=True) | Q(repeats_order__isnull=True)),
                name="sales_cart_repeats",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="sales_cart_list"),
            models.Index(fields=["organization", "session_id", "id"], name="sales_cart_of_session"),
            models.Index(
                fields=["organization", "browser", "id"],
                name="sales_cart_by_browser",
                condition=~Q(browser=""),
            ),
            models.Index(
                fields=["organization", "repeats_cart"],
                name="sales_cart_by_repeated_cart",
                condition=Q(repeats_cart__isnull=False),
            ),
            models.Index(
                fields=["organization", "repeats_order"],
                name="sales_cart_by_repeated_order",
                condition=Q(repeats_order__isnull=False),
            ),
            models.Index(fields=["id"], name="sales_cart_counted", condition=~Q(holders=[])),
            GinIndex(fields=["holders"], name="sales_cart_holders", condition=~Q(holders=[])),
            models.Index(fields=["user"], name="sales_cart_of_user", condition=Q(user__isnull=False)),
            models.Index(
                fields=["organization", "expires_at"], name="sales_cart_overdue", condition=Q(status="active")
            ),
        ]


class CartItem(TenantPart):
    """One line of a cart and the places it holds."""

    cart = TenantForeignKey(Cart, related_name="items")
    ticket_type = TenantForeignKey("catalog.TicketType", null=True)
    product = TenantForeignKey("catalog.Product", null=True)
    quantity = models.PositiveIntegerField()
    seat_ids = ArrayField(models.UUIDField(), default=list, db_default=[])
    quota_ids = ArrayField(models.UUIDField(), default=list, db_default=[])
    """The quotas its places are held in."""
    is_best_available = models.BooleanField(default=False, db_default=False)
    """Kassa has chosen its seats on a page, so that the same choice there keeps them."""
    metadata = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="sales_cartitem_key"),
            TenantReference(field="cart", to="sales_cart", cascade=True, name="sales_cartitem_cart"),
            TenantReference(field="ticket_type", to="catalog_tickettype", name="sales_cartitem_ticket_type"),
            TenantReference(field="product", to="catalog_product", name="sales_cartitem_product"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sales_cartitem_quantity"),
            models.CheckConstraint(
                condition=Q(ticket_type__isnull=True, product__isnull=False)
                | Q(ticket_type__isnull=False, product__isnull=True),
                name="sales_cartitem_what",
            ),
        ]
        indexes = [models.Index(fields=["organization", "cart", "id"], name="sales_cartitem_of_cart")]
