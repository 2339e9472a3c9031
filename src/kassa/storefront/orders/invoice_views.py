"""The invoice of an order, and the credit notes of what went back of it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.invoices.domain.document import invoice_pdf
from kassa.invoices.domain.issue import credit_note_of_refund, invoice_of_order
from kassa.invoices.errors import NothingToCredit, NothingToInvoice
from kassa.invoices.models import Invoice
from kassa.storefront.links.link_pages import public_page
from kassa.storefront.links.links import find_order
from kassa.web.language import activate_language

NOTHING = "There is no document at this address."


@public_page()
def invoice(request: HttpRequest, token: str) -> HttpResponse:
    """Answer with an order's invoice; it is issued when its buyer first asks for it."""
    order = find_order(token)
    activate_language(request, order.customer_language)
    try:
        return _file(invoice_of_order(order.organization_id, order.id, now=utc_now()))
    except NothingToInvoice as nothing:
        raise NotFound(NOTHING) from nothing


@public_page()
def credit_note(request: HttpRequest, token: str, refund_id: UUID) -> HttpResponse:
    """Answer with the credit note of a refund whose money is back."""
    order = find_order(token)
    activate_language(request, order.customer_language)
    try:
        return _file(credit_note_of_refund(order.organization_id, order.id, refund_id, now=utc_now()))
    except NothingToCredit as nothing:
        raise NotFound(NOTHING) from nothing


def _file(document: Invoice) -> HttpResponse:
    pdf = invoice_pdf(document.organization_id, document)
    response = HttpResponse(pdf, content_type="application/pdf")
    name = f"{document.number.replace('/', '-')}.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or ""
    return response
