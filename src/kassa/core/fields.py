"""Column types that recur: money, currency, moments."""

from __future__ import annotations

from typing import Any

from django.db import models

from kassa.core.money import DECIMAL_PLACES, MAX_DIGITS


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """An amount: 14 digits, 3 decimals, in the currency of its row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"] = MAX_DIGITS
        kwargs["decimal_places"] = DECIMAL_PLACES
        super().__init__(*args, **kwargs)


class CurrencyField(models.CharField):  # type: ignore[type-arg]
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 3
        super().__init__(*args, **kwargs)


WEB_ADDRESS = r"^https?://[^\s/?#@]+([/?#]\S*)?$"
"""An address that a browser opens without running it, and that says itself where it leads."""


def web_addresses(*fields: str, name: str) -> models.CheckConstraint:
    """Return the constraint that each of the columns is empty or an address of the web."""
    condition = models.Q()
    for field in fields:
        condition &= models.Q(**{field: ""}) | models.Q(**{f"{field}__regex": WEB_ADDRESS})
    return models.CheckConstraint(condition=condition, name=name)


def one_of(field: str, choices: type[models.TextChoices], *, name: str) -> models.CheckConstraint:
    """Return the constraint that a column holds one of an enumeration's values."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def not_negative(*fields: str, name: str) -> models.CheckConstraint:
    """Return the constraint that none of the columns is below zero."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__gte": 0 for field in fields}), name=name)
