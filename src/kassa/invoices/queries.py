"""Reads of invoices: what an actor may see of them comes from here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kassa.core.clock import format_moment
from kassa.core.errors import NotFound
from kassa.core.money import ZERO, format_amount
from kassa.invoices.models import Invoice


def invoices_of(organization_id: UUID) -> QuerySet[Invoice]:
    """Return all invoices and credit notes an actor of the organisation may see."""
    return Invoice.objects.of(organization_id)


def filter_invoices(
    organization_id: UUID,
    *,
    kind: str | None = None,
    number: str | None = None,
    order: UUID | None = None,
    issued_from: datetime | None = None,
    issued_before: datetime | None = None,
) -> QuerySet[Invoice]:
    """Return the documents that fit."""
    wanted: dict[str, Any] = {
        "kind": kind,
        "number": number,
        "order_id": order,
        "issued_at__gte": issued_from,
        "issued_at__lt": issued_before,
    }
    return invoices_of(organization_id).filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )


def invoice_of(organization_id: UUID, invoice_id: UUID) -> Invoice:
    """Return one invoice or credit note.

    Raises:
        NotFound: the organisation has no such document.
    """
    found = invoices_of(organization_id).filter(id=invoice_id).first()
    if found is None:
        raise NotFound
    return found


def invoice_summaries(invoices: Sequence[Invoice]) -> list[dict[str, Any]]:
    """Return invoices as lists show them."""
    return [invoice_summary(invoice) for invoice in invoices]


def invoice_summary(invoice: Invoice) -> dict[str, Any]:
    """Return what names an invoice, and its sums."""
    snapshot = invoice.snapshot
    return {
        "id": str(invoice.id),
        "kind": str(invoice.kind),
        "number": invoice.number,
        "order": str(invoice.order_id),
        "refund": None if invoice.refund_id is None else str(invoice.refund_id),
        "corrects": None if invoice.corrects_id is None else str(invoice.corrects_id),
        "issued_at": format_moment(invoice.issued_at),
        "currency": invoice.currency,
        "net": snapshot["net"],
        "tax": snapshot["tax"],
        "rounding": snapshot.get("rounding") or format_amount(ZERO, invoice.currency),
        "total": format_amount(invoice.total, invoice.currency),
        "links": {
            "self": f"/api/v1/invoices/{invoice.id}",
            "pdf": f"/api/v1/invoices/{invoice.id}/invoice.pdf",
            "order": f"/api/v1/orders/{invoice.order_id}",
        },
    }


def invoice_document(invoice: Invoice) -> dict[str, Any]:
    """Return a whole invoice, as it was issued."""
    snapshot = invoice.snapshot
    parts = ("language", "seller", "buyer", "lines", "taxes")
    return {**invoice_summary(invoice), **{part: snapshot[part] for part in parts}}
