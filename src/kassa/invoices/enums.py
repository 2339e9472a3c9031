"""What is written to buyers about money."""

from __future__ import annotations

from django.db import models


class InvoiceKind(models.TextChoices):
    """Each kind has numbers of its own."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    """Takes back a part of an invoice, or all of it."""


class LineKind(models.TextChoices):
    """What a line of an invoice is for."""

    TICKET = "ticket"
    MERCHANDISE = "merchandise"
    FEE = "fee"
    SHIPPING = "shipping"
