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
    """The client's own name for the buyer's visit."""
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
            one_of("status", CartStatus, name="sales_cart_status"),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="sales_cart_list"),
            models.Index(fields=["organization", "session_id", "id"], name="sales_cart_of_session"),
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
