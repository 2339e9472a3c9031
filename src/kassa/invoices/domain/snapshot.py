"""What an invoice keeps for good, as JSON, and read back from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from kassa.core.clock import format_moment
from kassa.core.formatting import zone_named
from kassa.core.money import ZERO, format_amount
from kassa.invoices.domain.sums import Breakdown, Line
from kassa.invoices.models import Invoice
from kassa.orders.models import Order
from kassa.organizations.models import OrganizationSettings

ADDRESS = ("line1", "line2", "postal_code", "city", "state", "country")


def seller_of(settings: OrganizationSettings) -> dict[str, Any]:
    """Return who invoices."""
    organization = settings.organization
    return {
        "name": settings.legal_name or organization.name,
        "trade_name": organization.name,
        "address": _address(organization.address),
        "tax_number": settings.tax_number,
        "vat_id": settings.vat_id,
        "register_entry": settings.register_entry,
        "email": organization.email,
        "phone": organization.phone,
        "website": organization.website,
        "footer": settings.invoice_footer,
    }


def buyer_of(order: Order) -> dict[str, Any]:
    """Return who is invoiced: whom the billing address names, else the customer."""
    billing = order.billing_address or {}
    name = f"{order.customer_first_name} {order.customer_last_name}".strip()
    return {
        "name": str(billing.get("name") or name),
        "company": str(billing.get("company") or ""),
        "address": _address(order.billing_address or order.customer_address or order.shipping_address),
        "tax_number": str(billing.get("tax_number") or billing.get("vat_id") or ""),
        "email": order.customer_email,
    }


def order_part(order: Order) -> dict[str, Any]:
    """Return what is said of the order itself."""
    paid_at = order.paid_at or order.confirmed_at
    return {
        "number": order.number,
        "placed_at": format_moment(order.created_at),
        "paid_at": format_moment(paid_at),
        "payment_method": order.payment_method,
    }


def figures(stated: Breakdown, currency: str) -> dict[str, Any]:
    """Return lines, taxes and sums: ``total = net + tax + rounding``."""

    def shown(amount: Decimal) -> str:
        return format_amount(amount, currency)

    return {
        "currency": currency,
        "lines": [_line(line, currency) for line in stated.lines],
        "taxes": [
            {
                "name": one.name,
                "rate": f"{one.rate:.3f}",
                "net": shown(one.net),
                "tax": shown(one.tax),
                "gross": shown(one.gross),
            }
            for one in stated.taxes
        ],
        "net": shown(stated.net),
        "tax": shown(stated.tax),
        "rounding": shown(stated.rounding),
        "total": shown(stated.total),
    }


def time_zone_in(snapshot: Mapping[str, Any]) -> str:
    """Return the name of the zone whose days a document has; the oldest have those of UTC."""
    return str(snapshot.get("time_zone", "UTC"))


def year_in(time_zone: str, moment: datetime) -> int:
    """Return the year that a document's number has when it is issued at a moment."""
    return moment.astimezone(zone_named(time_zone)).year


def lines_in(snapshot: Mapping[str, Any]) -> list[Line]:
    """Return the lines that an invoice was issued with."""
    return [
        Line(
            kind=line["kind"],
            item=line["item"],
            description=line["description"],
            detail=line["detail"],
            quantity=line["quantity"],
            unit_price=None if line["unit_price"] is None else Decimal(line["unit_price"]),
            discount=Decimal(line["discount"]),
            tax_name=line["tax_name"],
            tax_rate=Decimal(line["tax_rate"]),
            net=Decimal(line["net"]),
            tax=Decimal(line["tax"]),
            gross=Decimal(line["gross"]),
        )
        for line in snapshot["lines"]
    ]


def taken_back(invoice: Sequence[Line], credit_notes: Iterable[Invoice]) -> list[Decimal]:
    """Return how much of each line of an invoice its credit notes have taken back."""
    places = {_key(line): place for place, line in enumerate(invoice)}
    back = [ZERO] * len(invoice)
    for note in credit_notes:
        for line in lines_in(note.snapshot):
            back[places[_key(line)]] += line.gross
    return back


def left_by_rate(invoice: Invoice, credit_notes: Iterable[Invoice]) -> dict[Decimal, tuple[Decimal, Decimal]]:
    """Return, by rate, what of the net of an invoice and of what was paid is not taken back yet."""
    nets: dict[Decimal, Decimal] = {}
    paid: dict[Decimal, Decimal] = {}
    for sign, document in [(1, invoice), *((-1, note) for note in credit_notes)]:
        for tax in document.snapshot["taxes"]:
            rate = Decimal(tax["rate"])
            nets[rate] = nets.get(rate, ZERO) + sign * Decimal(tax["net"])
        for line in document.snapshot["lines"]:
            rate = Decimal(line["tax_rate"])
            paid[rate] = paid.get(rate, ZERO) + sign * Decimal(line["gross"])
    return {rate: (net, paid[rate]) for rate, net in nets.items()}


def _key(line: Line) -> tuple[str, str | None, Decimal]:
    """Return what a line of an invoice is known by: fees and shipping have one for each tax rate."""
    return line.kind, line.item, line.tax_rate


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "kind": str(line.kind),
        "item": line.item,
        "description": line.description,
        "detail": line.detail,
        "quantity": line.quantity,
        "unit_price": None if line.unit_price is None else format_amount(line.unit_price, currency),
        "discount": format_amount(line.discount, currency),
        "tax_name": line.tax_name,
        "tax_rate": f"{line.tax_rate:.3f}",
        "net": format_amount(line.net, currency),
        "tax": format_amount(line.tax, currency),
        "gross": format_amount(line.gross, currency),
    }


def _address(given: Mapping[str, Any] | None) -> dict[str, str]:
    return {part: str((given or {}).get(part) or "") for part in ADDRESS}
