"""What makes a coupon valid: functions of values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kassa.core.errors import InvalidInput
from kassa.core.money import is_currency, round_money
from kassa.coupons.enums import DiscountType

COUPON_FIELDS = frozenset(
    {
        "code",
        "description",
        "discount_type",
        "discount_value",
        "currency",
        "is_active",
        "starts_at",
        "ends_at",
        "max_usage_per_user",
        "max_usage_total",
        "min_purchase_amount",
    }
)
"""The columns a client may set; ``events`` is kept elsewhere."""
CODE = re.compile(r"[!-~]{1,60}")
"""Visible ASCII, so that upper and lower case mean the same to everyone."""


def check_coupon(values: Mapping[str, Any]) -> None:
    """Let the values of a whole coupon pass if they belong together.

    Raises:
        InvalidInput: they do not; the field says where.
    """
    if not CODE.fullmatch(values.get("code") or ""):
        raise InvalidInput("A code has 1 to 60 letters, digits or signs, and no spaces.", field="code")
    _check_discount(values)
    if values.get("max_usage_per_user", 1) < 1:
        raise InvalidInput("Let max_usage_per_user be at least 1.", field="max_usage_per_user")
    total = values.get("max_usage_total")
    if total is not None and total < 0:
        raise InvalidInput("Let max_usage_total be zero or more.", field="max_usage_total")
    start, end = values.get("starts_at"), values.get("ends_at")
    if start is not None and end is not None and end <= start:
        raise InvalidInput("Let it end after it starts.", field="ends_at")


def _check_discount(values: Mapping[str, Any]) -> None:
    kind, value, currency = values.get("discount_type"), values.get("discount_value"), values.get("currency")
    if kind not in DiscountType.values:
        raise InvalidInput(f"Choose from {', '.join(DiscountType.values)}.", field="discount_type")
    if value is None or value <= 0:
        raise InvalidInput("A discount is more than zero.", field="discount_value")
    if currency is not None and not is_currency(currency):
        raise InvalidInput(f"'{currency}' is not a currency in use.", field="currency")
    if kind == DiscountType.PERCENTAGE and value > 100:
        raise InvalidInput("A percentage is at most 100.", field="discount_value")
    if kind == DiscountType.AMOUNT:
        if currency is None:
            raise InvalidInput("An amount needs a currency.", field="currency")
        _check_exact(value, currency, field="discount_value")
    least = values.get("min_purchase_amount")
    if least is not None:
        if least < 0:
            raise InvalidInput("An amount is zero or more.", field="min_purchase_amount")
        if currency is not None:
            _check_exact(least, currency, field="min_purchase_amount")


def _check_exact(amount: Decimal, currency: str, *, field: str) -> None:
    if round_money(amount, currency) != amount:
        raise InvalidInput(f"{amount} has more decimals than {currency}. Round it.", field=field)
