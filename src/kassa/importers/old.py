"""An order of an older system, as its file tells it, before it is known whether Kassa can hold it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kassa.core.email_addresses import email_key
from kassa.importers.errors import Rejected
from kassa.importers.rows import Row
from kassa.orders.enums import OrderStatus, PaymentStatus, TicketStatus
from kassa.sales.domain.request import Customer

LONGEST_KEY = 255
MOST_ROWS = 1_000
"""An order of more rows is a file whose purchases are not told apart."""


@dataclass(frozen=True, slots=True)
class OldTicket:
    """One ticket of the older system."""

    line: int
    event: UUID
    ticket_type: UUID | None
    """None: the only one that the event has."""
    seat: str
    base_price: Decimal
    price: Decimal
    status: TicketStatus
    reference: str = ""
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class OldGoods:
    """One line of goods of the older system."""

    line: int
    sku: str
    name: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class OldOrder:
    """One purchase of the older system, with Kassa's words for its state."""

    purchase: str
    """What tells it from all other purchases of its system; the same in every export."""
    label: str
    """What people call it."""
    lines: tuple[int, ...]
    fingerprint: bytes
    customer: Customer
    currency: str
    created_at: datetime
    status: OrderStatus
    payment_status: PaymentStatus
    hold_ends: bool = False
    """Unpaid, its places are given back after the organisation's hold time. False: they are kept."""
    tickets: tuple[OldTicket, ...] = ()
    goods: tuple[OldGoods, ...] = ()
    coupon: str | None = None
    number: str | None = None
    """The order number it keeps. None: it gets a new one."""
    discount: Decimal = Decimal(0)
    """Of the whole order, beside what is off its single tickets."""
    taxes: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    notes: str = ""
    tracking_number: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancellation_reason: str | None = None
    expired_at: datetime | None = None
    references: Mapping[str, str] = field(default_factory=dict)
    """Other ids it had, to be kept with its items."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: its columns and how its rows become an order."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    aliases: Mapping[str, str]
    unique: str | None
    """The column whose value no two rows share. None: there is none."""
    purchase: Callable[[Row], str]
    """What tells the row's order from others. Raises Rejected if the row does not say."""
    read: Callable[[Sequence[Row]], OldOrder]
    """The order of some rows. Raises Rejected."""

    amounts: tuple[str, ...] = ()
    """The columns that hold amounts with decimals."""
    moments: tuple[str, ...] = ()
    """The columns that hold moments."""

    @property
    def columns(self) -> tuple[str, ...]:
        return self.required + self.optional


def fingerprint(rows: Iterable[Row], columns: Sequence[str]) -> bytes:
    """Return what tells a purchase from the same one with other contents, blind to unknown columns."""
    known = sorted([(column, row[column]) for column in columns if row[column]] for row in rows)
    return hashlib.sha256(json.dumps(known).encode()).digest()


def agree_on(rows: Sequence[Row], columns: Iterable[str], *, blank_is_same: bool = False) -> None:
    """Refuse rows of one order that tell different things of it."""
    first = rows[0]
    for column in columns:
        for row in rows[1:]:
            if blank_is_same and not row[column]:
                continue
            if _comparable(column, row) != _comparable(column, first):
                raise Rejected(
                    f"'{column}' is '{row[column]}' here and '{first[column]}' on line {first.line}, "
                    "which is of the same order.",
                    line=row.line,
                )


def _comparable(column: str, row: Row) -> str:
    return email_key(row[column]) if column.endswith("email") else row[column].lower()
