"""Coupons: a discount on a whole order, and how often it may be used (bus-ticketing.md §4)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper

from kassa.core.fields import CurrencyField, MoneyField, one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference
from kassa.coupons.enums import DiscountType

WITHIN_LIMIT = "coupons_coupon_within_limit"


class Coupon(TenantModel):
    """A code that makes an order cheaper, for one event, several, or everything."""

    code = models.CharField(max_length=60)
    description = models.CharField(max_length=300, blank=True, db_default="")
    discount_type = models.CharField(max_length=10, choices=DiscountType.choices)
    discount_value = MoneyField()
    """Per cent, or an amount in ``currency``."""
    currency = CurrencyField(null=True)
    """Of an amount. None: a percentage, good in every currency."""
    is_active = models.BooleanField(default=True, db_default=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    """Exclusive. None: does not end."""
    max_usage_per_user = models.PositiveIntegerField(default=1, db_default=1)
    max_usage_total = models.PositiveIntegerField(null=True)
    """None: no limit over all customers."""
    current_usage_count = models.PositiveIntegerField(default=0, db_default=0)
    min_purchase_amount = MoneyField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey(name="coupons_coupon_key"),
            models.UniqueConstraint(
                "organization",
                Upper("code"),
                condition=Q(deleted_at__isnull=True),
                name="coupons_coupon_code",
            ),
            one_of("discount_type", DiscountType, name="coupons_coupon_discount_type"),
            models.CheckConstraint(condition=Q(discount_value__gt=0), name="coupons_coupon_discount_value"),
            models.CheckConstraint(
                condition=~Q(discount_type=DiscountType.PERCENTAGE) | Q(discount_value__lte=100),
                name="coupons_coupon_percentage",
            ),
            models.CheckConstraint(
                condition=Q(discount_type=DiscountType.AMOUNT, currency__isnull=False)
                | Q(discount_type=DiscountType.PERCENTAGE),
                name="coupons_coupon_currency",
            ),
            models.CheckConstraint(
                condition=Q(max_usage_total__isnull=True) | Q(current_usage_count__lte=F("max_usage_total")),
                name=WITHIN_LIMIT,
            ),
            models.CheckConstraint(
                condition=Q(current_usage_count__gte=0, max_usage_per_user__gte=1),
                name="coupons_coupon_counts",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="coupons_coupon_period",
            ),
            models.CheckConstraint(
                condition=Q(min_purchase_amount__isnull=True) | Q(min_purchase_amount__gte=0),
                name="coupons_coupon_min_purchase",
            ),
        ]
        indexes = [models.Index(fields=["organization", "id"], name="coupons_coupon_list")]


class CouponEvent(TenantPart):
    """An event a coupon is good for. A coupon without any is good for everything."""

    coupon = TenantForeignKey(Coupon, related_name="events")
    event = TenantForeignKey("catalog.Event")

    class Meta:
        constraints = [
            TenantKey(name="coupons_couponevent_key"),
            TenantReference(
                field="coupon", to="coupons_coupon", cascade=True, name="coupons_couponevent_coupon"
            ),
            TenantReference(field="event", to="catalog_event", name="coupons_couponevent_event"),
            models.UniqueConstraint(
                fields=["organization", "coupon", "event"], name="coupons_couponevent_once"
            ),
        ]
        indexes = [models.Index(fields=["organization", "event"], name="coupons_couponevent_event_i")]
