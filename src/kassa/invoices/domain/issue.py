"""Invoices and credit notes are issued when they are first asked for, and are the same ever after."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from kassa.catalog.models import Event
from kassa.core.clock import format_moment
from kassa.core.database import statements
from kassa.core.errors import NotFound
from kassa.core.money import ZERO, allocate
from kassa.invoices.domain.lines import lines_of_order
from kassa.invoices.domain.numbers import lock_series, take_next
from kassa.invoices.domain.snapshot import (
    buyer_of,
    figures,
    left_by_rate,
    lines_in,
    order_part,
    seller_of,
    taken_back,
    time_zone_in,
    year_in,
)
from kassa.invoices.domain.sums import (
    Breakdown,
    Line,
    break_down,
    break_down_credit,
    credit_lines,
    spread_credit,
)
from kassa.invoices.enums import InvoiceKind, LineKind
from kassa.invoices.errors import InvoicePrefixTaken, NothingToCredit, NothingToInvoice
from kassa.invoices.models import ONE_DOCUMENT_PER_NUMBER, Invoice
from kassa.orders.domain.time_zones import find_time_zone
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.organizations.queries import organization_settings
from kassa.payments.enums import SURPLUS_KINDS, RefundKind, RefundStatus
from kassa.payments.models import Refund, RefundedGoods, RefundedTicket

Rows = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A document that has no number yet."""

    kind: InvoiceKind
    prefix: str
    order: Order
    currency: str
    snapshot: Rows
    refund: Refund | None = None
    corrects: Invoice | None = None


def is_invoiced(order: Order) -> bool:
    """Say whether an order has an invoice, issued or not: it was sold, and costs something."""
    return order.confirmed_at is not None and order.total > 0


def is_credited(refund: Refund, order: Order) -> bool:
    """Say whether a refund has a credit note, issued or not: money of a sale is back with the buyer."""
    is_back = refund.status == RefundStatus.SUCCEEDED and refund.amount > 0
    return is_back and refund.kind not in SURPLUS_KINDS and is_invoiced(order)


def invoice_of_order(organization_id: UUID, order_id: UUID, *, now: datetime) -> Invoice:
    """Return the invoice of an order; it is issued now if it was not before.

    Raises:
        NotFound: there is no such order.
        NothingToInvoice: it was not sold, or costs nothing.
        InvoicePrefixTaken: the number that is next is another document's.
    """
    found = _issued(organization_id, kind=InvoiceKind.INVOICE, order_id=order_id)
    if found is not None:
        return found
    order = Order.objects.of(organization_id).filter(id=order_id).first()
    if order is None:
        raise NotFound
    if not is_invoiced(order):
        raise NothingToInvoice(order.number, order.status)
    settings = organization_settings(organization_id)
    language = order.customer_language or settings.default_language
    items = list(OrderItem.objects.of(organization_id).filter(order_id=order_id).order_by("position"))
    events = Event.objects.of(organization_id).in_bulk({item.event_id for item in items if item.event_id})
    zone = find_time_zone(order)
    snapshot = {
        "language": language,
        "time_zone": zone,
        "seller": seller_of(settings),
        "buyer": buyer_of(order),
        "order": order_part(order),
        "corrects": None,
        **figures(
            break_down(lines_of_order(order, items, events, language=language), order.currency),
            order.currency,
        ),
    }
    draft = _Draft(InvoiceKind.INVOICE, settings.invoice_prefix, order, order.currency, snapshot)
    with transaction.atomic(), connection.wrap_database_errors:
        lock_series(statements(), organization_id, kind=draft.kind, year=year_in(zone, now))
        found = _issued(organization_id, kind=InvoiceKind.INVOICE, order_id=order_id)
        return found or _issue(organization_id, draft, now=now)


def credit_note_of_refund(
    organization_id: UUID, order_id: UUID, refund_id: UUID, *, now: datetime
) -> Invoice:
    """Return the credit note of a refund; it is issued now if it was not, and so is the order's invoice.

    Raises:
        NotFound: there is no such order or refund.
        NothingToCredit: the money is not back yet, or never paid for anything.
        InvoicePrefixTaken: the number that is next is another document's.
    """
    found = _issued(organization_id, refund_id=refund_id, order_id=order_id)
    if found is not None:
        return found
    refund = Refund.objects.of(organization_id).filter(order_id=order_id, id=refund_id).first()
    if refund is None:
        raise NotFound
    order = Order.objects.of(organization_id).get(id=order_id)
    if not is_credited(refund, order):
        raise NothingToCredit(refund.status)
    invoice = invoice_of_order(organization_id, order_id, now=now)
    settings = organization_settings(organization_id)
    zone = time_zone_in(invoice.snapshot)
    with transaction.atomic(), connection.wrap_database_errors:
        lock_series(statements(), organization_id, kind=InvoiceKind.CREDIT_NOTE, year=year_in(zone, now))
        found = _issued(organization_id, refund_id=refund_id, order_id=order_id)
        if found is not None:
            return found
        snapshot = {
            "language": invoice.snapshot["language"],
            "time_zone": zone,
            "seller": seller_of(settings),
            "buyer": invoice.snapshot["buyer"],
            "order": invoice.snapshot["order"],
            "corrects": {"number": invoice.number, "issued_at": format_moment(invoice.issued_at)},
            **figures(_credited(organization_id, invoice, refund), invoice.currency),
        }
        draft = _Draft(
            InvoiceKind.CREDIT_NOTE,
            settings.credit_note_prefix,
            order,
            invoice.currency,
            snapshot,
            refund=refund,
            corrects=invoice,
        )
        return _issue(organization_id, draft, now=now)


def _issued(organization_id: UUID, **which: Any) -> Invoice | None:
    return Invoice.objects.of(organization_id).filter(**which).first()


def _issue(organization_id: UUID, draft: _Draft, *, now: datetime) -> Invoice:
    year = year_in(time_zone_in(draft.snapshot), now)
    nth = take_next(statements(), organization_id, kind=draft.kind, year=year)
    number = f"{draft.prefix}-{year}-{nth:05d}"
    try:
        return Invoice.unscoped.create(
            organization_id=organization_id,
            kind=draft.kind,
            number=number,
            year=year,
            nth=nth,
            order=draft.order,
            refund=draft.refund,
            corrects=draft.corrects,
            issued_at=now,
            total=Decimal(draft.snapshot["total"]),
            currency=draft.currency,
            snapshot=draft.snapshot,
        )
    except IntegrityError as error:
        if ONE_DOCUMENT_PER_NUMBER in str(error):
            raise InvoicePrefixTaken(number) from error
        raise


def _credited(organization_id: UUID, invoice: Invoice, refund: Refund) -> Breakdown:
    """Return what a refund's credit note states; the caller keeps others from issuing one meanwhile."""
    lines = lines_in(invoice.snapshot)
    notes = list(Invoice.objects.of(organization_id).filter(corrects_id=invoice.id))
    before = taken_back(lines, notes)
    left = [line.gross - back for line, back in zip(lines, before, strict=True)]
    wanted, quantities = _wanted(organization_id, lines, left, refund)
    parts = spread_credit(refund.amount, wanted, left, invoice.currency)
    credited = credit_lines(lines, parts, before, quantities, invoice.currency)
    return break_down_credit(credited, left_by_rate(invoice, notes), invoice.currency)


def _wanted(
    organization_id: UUID, lines: Sequence[Line], left: Sequence[Decimal], refund: Refund
) -> tuple[Mapping[int, Decimal], Mapping[int, int]]:
    """Return for which lines the money went back, and how many pieces that are.

    Only a refund of tickets and goods says so; any other is for all that is left.
    """
    if refund.kind not in (RefundKind.TICKETS, RefundKind.GOODS):
        return {}, {}
    places = {line.item: place for place, line in enumerate(lines) if line.item}
    wanted: dict[int, Decimal] = defaultdict(lambda: ZERO)
    quantities: Counter[int] = Counter()
    given = dict(
        RefundedTicket.objects.of(organization_id)
        .filter(refund_id=refund.id)
        .values_list("ticket_id", "amount")
    )
    tickets = Ticket.objects.of(organization_id).filter(id__in=list(given))
    for ticket_id, item_id in tickets.values_list("id", "item_id"):
        wanted[places[str(item_id)]] += given[ticket_id]
        quantities[places[str(item_id)]] += 1
    goods = RefundedGoods.objects.of(organization_id).filter(refund_id=refund.id)
    for item_id, quantity, amount in goods.values_list("item_id", "quantity", "amount"):
        wanted[places[str(item_id)]] += amount
        quantities[places[str(item_id)]] += quantity
    for line in refund.lines:
        kind = {"fees": LineKind.FEE, "shipping": LineKind.SHIPPING}.get(line["what"])
        of_kind = [place for place, one in enumerate(lines) if one.kind == kind]
        if of_kind:
            rests = [left[place] for place in of_kind]
            shares = allocate(Decimal(line["amount"]), rests, refund.currency)
            for place, share in zip(of_kind, shares, strict=True):
                wanted[place] += share
    return wanted, quantities
