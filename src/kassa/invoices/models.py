"""Invoices and credit notes, written once, and the numbers they were given."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from kassa.core.fields import CurrencyField, MoneyField, one_of
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference
from kassa.invoices.enums import InvoiceKind
from kassa.orders.models import Order
from kassa.payments.models import Refund

ONE_INVOICE_PER_ORDER = "invoices_invoice_of_order"
ONE_CREDIT_NOTE_PER_REFUND = "invoices_invoice_of_refund"
ONE_DOCUMENT_PER_NUMBER = "invoices_invoice_number"


class InvoiceSeries(TenantModel):
    """The last number an organisation gave to a kind of document in a year."""

    kind = models.CharField(max_length=11, choices=InvoiceKind.choices)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            TenantKey(name="invoices_invoiceseries_key"),
            models.UniqueConstraint(
                fields=["organization", "kind", "year"], name="invoices_invoiceseries_once"
            ),
            one_of("kind", InvoiceKind, name="invoices_invoiceseries_kind"),
        ]


class Invoice(TenantPart):
    """One document as it was issued. The database refuses to change or delete it."""

    kind = models.CharField(max_length=11, choices=InvoiceKind.choices)
    number = models.CharField(max_length=40)
    """``INV-2026-00001``: prefix, year, and the how manyth of its kind in that year, without gaps."""
    year = models.PositiveSmallIntegerField()
    nth = models.PositiveIntegerField()
    order = TenantForeignKey(Order)
    refund = TenantForeignKey(Refund, null=True)
    """What a credit note is for. None: it is an invoice."""
    corrects = TenantForeignKey("invoices.Invoice", null=True)
    """The invoice that a credit note takes back a part of. None: it is an invoice."""
    issued_at = models.DateTimeField()
    total = MoneyField()
    """Never below zero; of a credit note it is what is taken back."""
    currency = CurrencyField()
    snapshot = models.JSONField()
    """Seller, buyer, lines, taxes and sums as they were then; amounts are decimal strings."""

    class Meta:
        constraints = [
            TenantKey(name="invoices_invoice_key"),
            TenantReference(field="order", to="orders_order", name="invoices_invoice_order"),
            TenantReference(field="refund", to="payments_refund", name="invoices_invoice_refund"),
            TenantReference(field="corrects", to="invoices_invoice", name="invoices_invoice_corrects"),
            models.UniqueConstraint(fields=["organization", "number"], name=ONE_DOCUMENT_PER_NUMBER),
            models.UniqueConstraint(
                fields=["organization", "kind", "year", "nth"], name="invoices_invoice_nth"
            ),
            models.UniqueConstraint(
                fields=["organization", "order"], condition=Q(kind="invoice"), name=ONE_INVOICE_PER_ORDER
            ),
            models.UniqueConstraint(
                fields=["organization", "refund"],
                condition=Q(refund__isnull=False),
                name=ONE_CREDIT_NOTE_PER_REFUND,
            ),
            one_of("kind", InvoiceKind, name="invoices_invoice_kind"),
            models.CheckConstraint(
                condition=Q(kind="invoice", refund__isnull=True, corrects__isnull=True)
                | Q(kind="credit_note", refund__isnull=False, corrects__isnull=False),
                name="invoices_invoice_what",
            ),
            models.CheckConstraint(condition=Q(nth__gte=1, total__gt=0), name="invoices_invoice_figures"),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="invoices_invoice_list"),
            models.Index(fields=["organization", "order", "id"], name="invoices_invoice_by_order"),
        ]
