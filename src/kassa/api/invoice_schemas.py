"""The shapes of invoices."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Field, Schema

from kassa.invoices.enums import InvoiceKind, LineKind


class InvoiceLinksOut(Schema):
    self: str
    pdf: str
    order: str


class InvoiceSummaryOut(Schema):
    id: UUID
    kind: InvoiceKind
    number: str = Field(examples=["INV-2026-00001"])
    order: UUID
    refund: UUID | None = Field(description="What a credit note is for.")
    corrects: UUID | None = Field(description="The invoice that a credit note takes back a part of.")
    issued_at: datetime
    currency: str = Field(examples=["EUR"])
    net: str = Field(examples=["75.63"])
    tax: str = Field(examples=["14.37"])
    rounding: str = Field(
        examples=["0.00"],
        description="What `net` and `tax` leave of the total: prices that contain a tax need not be a net "
        "times a rate (EN 16931, BT-114).",
    )
    total: str = Field(examples=["90.00"], description="Of a credit note: what is taken back.")
    links: InvoiceLinksOut


class InvoiceAddressOut(Schema):
    line1: str
    line2: str
    postal_code: str
    city: str
    state: str
    country: str


class SellerOut(Schema):
    name: str
    trade_name: str
    address: InvoiceAddressOut
    tax_number: str
    vat_id: str
    register_entry: str
    email: str
    phone: str
    website: str
    footer: str


class BuyerOut(Schema):
    name: str
    company: str
    address: InvoiceAddressOut
    tax_number: str
    email: str


class InvoiceLineOut(Schema):
    kind: LineKind
    item: UUID | None = Field(description="The order's item; null for fees and shipping.")
    description: str
    detail: str
    quantity: int | None
    unit_price: str | None
    discount: str
    tax_name: str
    tax_rate: str = Field(examples=["19.000"])
    net: str
    tax: str
    gross: str


class TaxSumOut(Schema):
    name: str
    rate: str = Field(examples=["19.000"])
    net: str
    tax: str
    gross: str


class InvoiceOut(InvoiceSummaryOut):
    language: str
    seller: SellerOut
    buyer: BuyerOut
    lines: list[InvoiceLineOut]
    taxes: list[TaxSumOut] = Field(description="The sums of each tax rate; they add up to the total.")
