from __future__ import annotations

from collections.abc import Callable

from django.db import IntegrityError

from kassa.core.database import violated_constraint
from kassa.core.errors import AlreadyExists, Conflict, InvalidInput, KassaError
from kassa.coupons.models import WITHIN_LIMIT


class UsageBelowCount(Conflict):
    """The coupon has been used more often than the new limit allows."""

    code = "usage_below_count"
    title = "It has been used more often"

    def __init__(self, *, used: int) -> None:
        super().__init__(
            f"The coupon has been used {used} times. Choose at least {used}, or deactivate it.", used=used
        )


def _invalid(sentence: str, field: str) -> Callable[[], KassaError]:
    return lambda: InvalidInput(sentence, field=field)


_REFUSALS: dict[str, Callable[[], KassaError]] = {
    "coupons_coupon_code": lambda: AlreadyExists("Another coupon has this code. Choose another one."),
    "coupons_coupon_discount_type": _invalid("Choose percentage or amount.", "discount_type"),
    "coupons_coupon_discount_value": _invalid("A discount is more than zero.", "discount_value"),
    "coupons_coupon_percentage": _invalid("A percentage is at most 100.", "discount_value"),
    "coupons_coupon_currency": _invalid("An amount needs a currency.", "currency"),
    "coupons_coupon_counts": _invalid("Let max_usage_per_user be at least 1.", "max_usage_per_user"),
    "coupons_coupon_period": _invalid("Let it end after it starts.", "ends_at"),
    "coupons_coupon_min_purchase": _invalid("An amount is zero or more.", "min_purchase_amount"),
    "coupons_couponevent_event": _invalid("There is no such event in your organisation.", "events"),
    "coupons_couponevent_once": _invalid("Name each event once.", "events"),
}


def refusal_of(error: IntegrityError, *, used: int = 0) -> KassaError:
    """Return the refusal that belongs to a broken constraint of the coupons' tables.

    Raises:
        IntegrityError: the constraint is not one of these tables.
    """
    name = violated_constraint(error)
    if name == WITHIN_LIMIT:
        return UsageBelowCount(used=used)
    if name in _REFUSALS:
        return _REFUSALS[name]()
    if name.startswith("coupons_"):
        return InvalidInput(f"This breaks the rule '{name}'. Look at the values again.", rule=name)
    raise error
