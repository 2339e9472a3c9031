"""What invoices know of people: they stay as issued, since the law wants name and address on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kassa.core.personal_data import DataSubject, PersonalData, list_columns, register
from kassa.invoices.models import Invoice


def export(subject: DataSubject, now: datetime) -> dict[str, Any]:
    """Return the invoices of a person's orders."""
    invoices = Invoice.unscoped.filter(order_id__in=subject.order_ids).order_by("id")
    return {"invoices": list_columns(invoices, ("number", "issued_at", "snapshot"))}


register(PersonalData(app="invoices", erased={}, retained={"invoices_invoice": ("snapshot",)}, export=export))
