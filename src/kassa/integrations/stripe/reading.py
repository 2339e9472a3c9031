"""Reading of Stripe's JSON: every field is checked for what it should be before it is believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.integrations.stripe.amounts import from_minor

TYPE_PATTERN = re.compile(r"[a-z0-9_.]{1,100}\Z")
ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,200}\Z")
CODE_PATTERN = re.compile(r"[a-z0-9_]{1,60}\Z")
TEXT_LENGTH = 300

Json = Mapping[str, Any]


def part(record: Json, name: str) -> Json:
    """Return a nested object; empty where there is none or only its id."""
    value = record.get(name)
    return value if isinstance(value, Mapping) else {}


def parts(record: Json, name: str) -> list[Json]:
    """Return a list of nested objects, whether plain or in one of Stripe's pages."""
    value = record.get(name)
    if isinstance(value, Mapping):
        value = value.get("data")
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def id_of(record: Json, name: str) -> str | None:
    """Return the id of a referred object, expanded or not; None where there is none.

    Raises:
        ValueError: it is not an id.
    """
    value = record.get(name)
    if isinstance(value, Mapping):
        value = value.get("id")
    if value is None:
        return None
    if not isinstance(value, str) or not ID_PATTERN.match(value):
        raise ValueError(f"'{name}' is not an id of Stripe's.")
    return value


def own_id(record: Json) -> str:
    """Return an object's own id.

    Raises:
        ValueError: it has none.
    """
    found = id_of(record, "id")
    if not found:
        raise ValueError("An object of Stripe's has no id.")
    return found


def code(record: Json, name: str) -> str:
    """Return one of Stripe's own words, such as a status; empty where there is none."""
    value = record.get(name)
    return value if isinstance(value, str) and CODE_PATTERN.match(value) else ""


def sentence(record: Json, name: str) -> str:
    """Return a text for people, without what a database or a terminal could stumble over."""
    value = record.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(letter for letter in value[:TEXT_LENGTH] if letter.isprintable())


def amount(record: Json, name: str, currency: str | None = None) -> Decimal | None:
    """Return an amount in the currency given, or the object's own; None where there is none.

    Raises:
        ValueError: it is not an amount.
    """
    value = record.get(name)
    if value is None:
        return None
    # True is an int to Python, but no amount.
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"'{name}' is not a whole number.")  # noqa: TRY004 - what is read is wrong, not who reads
    return from_minor(value, currency or currency_of(record))


def amount_due(record: Json, name: str) -> Decimal:
    """Return an amount that must be there.

    Raises:
        ValueError: it is not.
    """
    value = amount(record, name)
    if value is None:
        raise ValueError(f"'{name}' is missing.")
    return value


def currency_of(record: Json) -> str:
    """Return an object's currency in capitals.

    Raises:
        ValueError: it names none.
    """
    value = record.get("currency")
    if not isinstance(value, str) or not re.match(r"[A-Za-z]{3}\Z", value):
        raise ValueError("An object of Stripe's names no currency.")
    return value.upper()


def own_key(record: Json, name: str) -> UUID | None:
    """Return an identifier that Kassa left in the metadata; None where there is none of ours."""
    value = part(record, "metadata").get(name)
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def moment(record: Json, name: str) -> datetime | None:
    """Return a moment; None where there is none.

    Raises:
        ValueError: it is not one.
    """
    value = record.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**11:
        raise ValueError(f"'{name}' is not a moment.")
    return datetime.fromtimestamp(value, UTC)
