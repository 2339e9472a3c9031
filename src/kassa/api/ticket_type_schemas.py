"""Ticket types as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from kassa.api.inputs import KEPT, MAX_COUNT, CountFromOne, Ids, LongText, Metadata, Moment, Name
from kassa.api.schemas import Amount, Input, Text, example
from kassa.catalog.queries import TicketTypeView
from kassa.core.money import format_amount

MAX_PER_CUSTOMER = 1_000
SeatCategory = Annotated[Text, Field(min_length=1, max_length=60, examples=["stalls"])]
SortOrder = Annotated[int, Field(ge=-MAX_COUNT, le=MAX_COUNT, examples=[1])]
PerCustomer = Annotated[
    Annotated[int, Field(ge=1, le=MAX_PER_CUSTOMER, examples=[4])] | None,
    Field(
        description="How many each customer may have, over all orders; it counts from when it is set. "
        "Null: no limit."
    ),
]
Quantity = Annotated[
    CountFromOne | None, Field(description="How many there are of it. Null: no limit of its own.")
]
SharedQuotas = Annotated[Ids, Field(description="Shared quotas it draws on, beside its own and its event's.")]
IsAddon = Annotated[
    bool, Field(description="Sold only together with another ticket of its event, as the place of a bicycle.")
]
IsReduced = Annotated[
    bool,
    Field(description="For children, students or others who prove it: lists name the lowest other price."),
]
NamesRequired = Annotated[
    bool,
    Field(description="Each ticket needs the first and the last name of its attendee; else it is refused."),
]
TaxRuleId = Annotated[UUID | None, Field(description="Null: no tax is shown or added.")]


class TicketTypeChange(Input):
    model_config = example(price="39.00", max_per_order=6)

    name: Name = KEPT
    description: LongText = KEPT
    price: Amount = KEPT
    quantity: Quantity = KEPT
    min_per_order: CountFromOne = KEPT
    max_per_order: CountFromOne | None = KEPT
    max_per_customer: PerCustomer = KEPT
    sales_start_at: Moment | None = KEPT
    sales_end_at: Moment | None = KEPT
    is_hidden: bool = KEPT
    is_free: bool = KEPT
    requires_approval: bool = KEPT
    is_addon: IsAddon = KEPT
    is_reduced: IsReduced = KEPT
    names_required: NamesRequired = KEPT
    sort_order: SortOrder = KEPT
    seat_category: SeatCategory | None = KEPT
    tax_rule: TaxRuleId = KEPT
    shared_quotas: SharedQuotas = KEPT
    metadata: Metadata = KEPT


class TicketTypeIn(TicketTypeChange):
    """``price`` may be left out of what ``is_free``."""

    model_config = example(name="Standard", price="45.00", quantity=250)

    name: Name


class TicketTypeOut(Schema):
    id: UUID
    event: UUID
    name: str
    description: str
    price: str = Field(examples=["45.00"])
    currency: str
    quantity: int | None = Field(description="How many there are of it. Null: no limit of its own.")
    available: int | None = Field(
        description="How many can be sold now, of all its quotas the least. Null: no limit."
    )
    sold: int
    min_per_order: int
    max_per_order: int | None
    max_per_customer: int | None = Field(
        description="How many each customer may have, over all orders. Null: no limit."
    )
    sales_start_at: datetime | None = Field(description="Null: as the event.")
    sales_end_at: datetime | None = Field(description="Exclusive. Null: as the event.")
    is_hidden: bool
    is_free: bool
    requires_approval: bool
    is_addon: IsAddon
    is_reduced: IsReduced
    names_required: NamesRequired
    sort_order: int
    seat_category: str | None = Field(description="Which seats it sells. Null: places without a number.")
    tax_rule: UUID | None
    shared_quotas: list[UUID]
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime


_COLUMNS = (
    "id",
    "name",
    "description",
    "min_per_order",
    "max_per_order",
    "max_per_customer",
    "sales_start_at",
    "sales_end_at",
    "is_hidden",
    "is_free",
    "requires_approval",
    "is_addon",
    "is_reduced",
    "names_required",
    "sort_order",
    "seat_category",
    "metadata",
    "created_at",
    "updated_at",
)


def show_ticket_type(view: TicketTypeView, *, sold: int) -> dict[str, Any]:
    """Return a ticket type as :class:`TicketTypeOut` has it."""
    ticket_type = view.ticket_type
    return {
        **{name: getattr(ticket_type, name) for name in _COLUMNS},
        "event": ticket_type.event_id,
        "price": format_amount(ticket_type.price, view.currency),
        "currency": view.currency,
        "quantity": view.quantity,
        "available": view.available,
        "sold": sold,
        "tax_rule": ticket_type.tax_rule_id,
        "shared_quotas": [quota.id for quota in view.shared],
    }
