"""What the texts of a row mean: identifiers, money, moments. Each says plainly what it cannot read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from uuid import UUID

from kassa.core.email_addresses import AddressFault, InvalidEmailAddress, parse_email_address
from kassa.core.money import DECIMAL_PLACES, MAX_DIGITS, exponent, is_currency, round_money
from kassa.core.visible_text import is_visible
from kassa.importers.errors import Rejected
from kassa.importers.foreign_values import is_ambiguous
from kassa.importers.rows import Row

T = TypeVar("T")

LARGEST_AMOUNT = Decimal(10) ** (MAX_DIGITS - DECIMAL_PLACES)
LARGEST_QUANTITY = 1_000_000
OLDEST_YEAR = 1970


def required(row: Row, column: str) -> str:
    """Return a value that must be there."""
    value = row[column]
    if not value:
        raise Rejected(f"'{column}' is empty.", line=row.line)
    return value


def text(row: Row, column: str, longest: int) -> str:
    """Return a text of at most so many characters."""
    value = row[column]
    if len(value) > longest:
        raise Rejected(f"'{column}' has more than {longest} characters.", line=row.line)
    if "\x00" in value:
        raise Rejected(f"'{column}' holds a character that cannot be kept.", line=row.line)
    return value


def email(row: Row, column: str, *, optional: bool = False) -> str:
    """Return an e-mail address that mail can be written to."""
    if optional and not row[column]:
        return ""
    value = required(row, column)
    try:
        return str(parse_email_address(value))
    except InvalidEmailAddress as error:
        why = "" if error.fault == AddressFault.INCOMPLETE else f" {error}"
        raise Rejected(
            f"'{value[:254]}' in '{column}' is not an e-mail address.{why}", line=row.line
        ) from error


def name(row: Row, column: str, longest: int) -> str:
    """Return what somebody is called; it may be empty."""
    value = text(row, column, longest)
    if value and not is_visible(value):
        raise Rejected(f"'{column}' has no character that can be seen.", line=row.line)
    return value


def identifier(row: Row, column: str) -> UUID:
    """Return an id of Kassa's."""
    value = required(row, column)
    try:
        return UUID(value)
    except ValueError:
        raise Rejected(
            f"'{value}' in '{column}' is not an id of Kassa. Write the id that Kassa shows for it.",
            line=row.line,
        ) from None


def choice(row: Row, column: str, choices: Mapping[str, T]) -> T:
    """Return what a word stands for, however it is capitalised."""
    value = required(row, column)
    found = choices.get(value.lower())
    if found is None:
        known = ", ".join(choices)
        raise Rejected(f"'{value}' in '{column}' is not known. Write one of: {known}.", line=row.line)
    return found


def currency(row: Row) -> str:
    """Return the row's currency."""
    value = required(row, "currency").upper()
    if not is_currency(value):
        raise Rejected(f"'{value}' is not a currency. Write a code such as EUR.", line=row.line)
    return value


def amount(row: Row, column: str, code: str) -> Decimal | None:
    """Return an amount of money with a point before the decimals; None: the column is empty."""
    value = row[column]
    if not value:
        return None
    try:
        found = Decimal(value)
        usable = found.is_finite() and 0 <= found < LARGEST_AMOUNT
    except InvalidOperation:
        usable = False
    if not usable:
        raise Rejected(
            f"'{value}' in '{column}' is not an amount. Write it like 45.00, not below zero.", line=row.line
        )
    rounded = round_money(found, code)
    if rounded != found:
        raise Rejected(
            f"'{value}' in '{column}' has more than the {exponent(code)} decimals of {code}.", line=row.line
        )
    return rounded


def required_amount(row: Row, column: str, code: str) -> Decimal:
    """Return an amount of money that must be there."""
    required(row, column)
    return amount(row, column, code) or round_money(Decimal(0), code)


def minor_units(row: Row, column: str, code: str) -> Decimal:
    """Return an amount that is written in the currency's smallest unit, such as cents."""
    value = required(row, column)
    if not _is_whole(value) or int(value) >= LARGEST_AMOUNT:
        raise Rejected(
            f"'{value}' in '{column}' is not a whole number of the smallest unit of {code}.", line=row.line
        )
    return round_money(Decimal(value).scaleb(-exponent(code)), code)


def quantity(row: Row, column: str) -> int:
    """Return how many."""
    value = required(row, column)
    if not _is_whole(value) or not 1 <= int(value) <= LARGEST_QUANTITY:
        raise Rejected(
            f"'{value}' in '{column}' is not a number from 1 to {LARGEST_QUANTITY:,}.", line=row.line
        )
    return int(value)


def moment(row: Row, column: str) -> datetime | None:
    """Return a moment; one without an offset is in UTC. None: the column is empty."""
    value = row[column]
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        if is_ambiguous(value):
            raise Rejected(
                f"'{value}' in '{column}' may begin with the day or the month. Say which with --date-order.",
                line=row.line,
            ) from None
        raise Rejected(
            f"'{value}' in '{column}' is not a moment. Write it like 2024-05-31T18:30:00Z.", line=row.line
        ) from None
    if found.year < OLDEST_YEAR:
        raise Rejected(f"'{value}' in '{column}' is before {OLDEST_YEAR}.", line=row.line)
    return found


def required_moment(row: Row, column: str) -> datetime:
    """Return a moment that must be there."""
    required(row, column)
    found = moment(row, column)
    if found is None:
        raise LookupError(column)
    return found


def _is_whole(value: str) -> bool:
    # So many digits only that Python reads them; beyond, no amount or quantity is allowed anyway.
    return value.isascii() and value.isdigit() and len(value) <= MAX_DIGITS
