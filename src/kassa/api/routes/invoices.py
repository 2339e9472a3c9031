"""Invoices and credit notes: read, and as files."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from kassa.api.auth import Requires
from kassa.api.inputs import Moment
from kassa.api.invoice_schemas import InvoiceOut, InvoiceSummaryOut
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading
from kassa.api.requests import ApiRequest, json_of
from kassa.api.routes.ticket_documents import PDF, file_of, send_file
from kassa.api.schemas import Text
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.invoices.domain.document import invoice_pdf
from kassa.invoices.domain.issue import credit_note_of_refund, invoice_of_order
from kassa.invoices.enums import InvoiceKind
from kassa.invoices.errors import InvoicePrefixTaken, NothingToCredit, NothingToInvoice
from kassa.invoices.models import Invoice
from kassa.invoices.queries import filter_invoices, invoice_document, invoice_of, invoice_summaries

router = Router(tags=["Invoices"])


class InvoiceFilter(Schema):
    kind: InvoiceKind | None = None
    number: Text | None = Field(None, max_length=40)
    order: UUID | None = None
    issued_from: Moment | None = None
    issued_before: Moment | None = None
    limit: Limit = 50
    after: After = None


@router.get(
    "/orders/{order_id}/invoice.pdf",
    auth=Requires(Permission.INVOICE_READ),
    openapi_extra=file_of(PDF, "The invoice.", NothingToInvoice, InvoicePrefixTaken),
    summary="Get an order's invoice",
)
def order_invoice(request: ApiRequest, order_id: UUID) -> HttpResponse:
    """The invoice of an order that was sold. It is issued when it is first asked for, and stays as it is."""
    organization_id = request.auth.organization_id
    return _send(invoice_of_order(organization_id, order_id, now=utc_now()))


@router.get(
    "/orders/{order_id}/refunds/{refund_id}/credit-note.pdf",
    auth=Requires(Permission.INVOICE_READ),
    openapi_extra=file_of(PDF, "The credit note.", NothingToCredit, InvoicePrefixTaken),
    summary="Get a refund's credit note",
)
def refund_credit_note(request: ApiRequest, order_id: UUID, refund_id: UUID) -> HttpResponse:
    """The credit note of a refund whose money is back. It is issued when it is first asked for."""
    organization_id = request.auth.organization_id
    return _send(credit_note_of_refund(organization_id, order_id, refund_id, now=utc_now()))


@router.get(
    "/invoices",
    response=Page[InvoiceSummaryOut],
    auth=Requires(Permission.INVOICE_READ),
    openapi_extra=reading(),
    summary="List invoices and credit notes",
)
def list_invoices(request: ApiRequest, filters: Annotated[InvoiceFilter, Query()]) -> dict[str, Any]:
    """List what has been issued, newest first."""
    given = filters.dict(exclude={"limit", "after"})
    found = filter_invoices(request.auth.organization_id, **given)
    return page_of(found, limit=filters.limit, after=filters.after, show=invoice_summaries)


@router.get(
    "/invoices/{invoice_id}",
    response=InvoiceOut,
    auth=Requires(Permission.INVOICE_READ),
    openapi_extra=reading(NotFound),
    summary="Read an invoice or a credit note",
)
def read_invoice(request: ApiRequest, invoice_id: UUID) -> HttpResponse:
    return json_of(invoice_document(invoice_of(request.auth.organization_id, invoice_id)))


@router.get(
    "/invoices/{invoice_id}/invoice.pdf",
    auth=Requires(Permission.INVOICE_READ),
    openapi_extra=file_of(PDF, "The invoice or credit note."),
    summary="Get an invoice or a credit note as a file",
)
def invoice_file(request: ApiRequest, invoice_id: UUID) -> HttpResponse:
    """The document as it was issued: the same file each time, but for the colours and the logo."""
    return _send(invoice_of(request.auth.organization_id, invoice_id))


def _send(invoice: Invoice) -> HttpResponse:
    name = "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in invoice.number)
    return send_file(invoice_pdf(invoice.organization_id, invoice), PDF, f"{name}.pdf")
