"""An invoice on paper: the same file whenever it is asked for, however long ago it was issued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from kassa.core.email_addresses import display_email
from kassa.core.formatting import format_date, format_money, format_percent, zone_named
from kassa.invoices.domain.snapshot import ADDRESS, lines_in, time_zone_in
from kassa.invoices.domain.sums import Line
from kassa.invoices.domain.words import words_in
from kassa.invoices.enums import InvoiceKind
from kassa.invoices.models import Invoice
from kassa.organizations.queries import organization_settings
from kassa.tickets.domain.looks import look_of
from kassa.tickets.domain.printed import designs_of
from kassa.typesetting.compiler import typeset
from kassa.typesetting.text import tidy, tidy_line

TEMPLATE = Path(__file__).parent.parent / "typst" / "invoice.typ"
LOOK = ("name", "primary", "on_primary", "secondary", "logo", "logo_width", "logo_height")
Words = Mapping[str, str]


def invoice_pdf(organization_id: UUID, invoice: Invoice) -> bytes:
    """Return a document as a PDF file; all but the colours and the logo is as it was issued.

    Raises:
        NotFound: the organisation is gone.
    """
    settings = organization_settings(organization_id)
    snapshot = invoice.snapshot
    language = snapshot["language"]
    words = words_in(language)
    look = look_of(designs_of(organization_id, ()).get(None), settings, language=language)
    title = f"{words[invoice.kind]} {invoice.number}"
    data = {
        "language": language,
        "title": title,
        "author": snapshot["seller"]["name"],
        "look": {name: look[name] for name in LOOK},
        "heading": words[invoice.kind],
        "number": invoice.number,
        "continued": words["continued"].format(kind=words[invoice.kind], number=invoice.number),
        "page_of": words["page"].format(page="#", pages="##"),
        "sender": tidy_line(" · ".join(_sender(snapshot["seller"]))),
        "billed_to": words["billed_to"],
        "buyer": [tidy_line(line) for line in _buyer(snapshot["buyer"], words)],
        "facts": [[label, tidy_line(value)] for label, value in _facts(invoice, words)],
        "columns": [words[name] for name in ("description", "quantity", "net", "tax_rate", "gross")],
        "rows": [_row(line, invoice.currency, language, words) for line in lines_in(snapshot)],
        "sums": _sums(invoice, words, language),
        "taxes": _taxes(invoice, words, language),
        "tax_columns": [words[name] for name in ("taxes", "net", "tax_amount", "gross")],
        "note": words["settled_credit" if invoice.kind == InvoiceKind.CREDIT_NOTE else "settled"],
        "footer": tidy(snapshot["seller"]["footer"]),
        "seller": [[tidy_line(line) for line in column] for column in _imprint(snapshot["seller"], words)],
    }
    return typeset(data, template=TEMPLATE, now=invoice.issued_at)


def _written_day(moment: str | datetime, snapshot: Mapping[str, Any]) -> str:
    day = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return format_date(day.astimezone(zone_named(time_zone_in(snapshot))), snapshot["language"], "long")


def _facts(invoice: Invoice, words: Words) -> list[tuple[str, str]]:
    snapshot = invoice.snapshot
    order, corrects = snapshot["order"], snapshot["corrects"]
    facts = [
        (words["number"], invoice.number),
        (words["issued"], _written_day(invoice.issued_at, snapshot)),
        (words["order"], order["number"]),
        (words["ordered"], _written_day(order["placed_at"], snapshot)),
    ]
    if order["paid_at"]:
        facts.append((words["paid"], _written_day(order["paid_at"], snapshot)))
    if corrects:
        day = _written_day(corrects["issued_at"], snapshot)
        facts.append((words["invoice"], f"{corrects['number']}, {day}"))
    return facts


def _row(line: Line, currency: str, language: str, words: Words) -> dict[str, str]:
    return {
        "name": tidy_line(line.description),
        "detail": tidy_line(line.detail),
        "price": _price(line, currency, language, words),
        "quantity": "" if line.quantity is None else str(line.quantity),
        "net": format_money(line.net, currency, language),
        "tax": _rate(line.tax_rate, language),
        "gross": format_money(line.gross, currency, language),
    }


def _price(line: Line, currency: str, language: str, words: Words) -> str:
    """Return what a piece costs and what was taken off, where the amounts do not say so by themselves."""
    parts = []
    if line.unit_price is not None and line.quantity is not None and line.quantity > 1:
        each = format_money(line.unit_price, currency, language)
        parts.append(words["each"].format(quantity=line.quantity, price=each))
    if line.discount:
        parts.append(words["discount"].format(amount=format_money(line.discount, currency, language)))
    return ", ".join(parts)


def _sums(invoice: Invoice, words: Words, language: str) -> list[list[str]]:
    snapshot = invoice.snapshot
    net, total = Decimal(snapshot["net"]), Decimal(snapshot["total"])
    label = words["total_credit" if invoice.kind == InvoiceKind.CREDIT_NOTE else "total"]
    rows = []
    if net != total:
        rows.append([words["net_total"], format_money(net, invoice.currency, language)])
        for tax in snapshot["taxes"]:
            if Decimal(tax["tax"]):
                name = f"{tidy_line(tax['name'])} {_rate(Decimal(tax['rate']), language)}".strip()
                rows.append([name, format_money(Decimal(tax["tax"]), invoice.currency, language)])
        if rounding := Decimal(snapshot.get("rounding", 0)):  # older documents have none
            rows.append([words["rounding"], format_money(rounding, invoice.currency, language)])
    return [*rows, [label, format_money(total, invoice.currency, language)]]


def _taxes(invoice: Invoice, words: Words, language: str) -> list[list[str]]:
    """Return the sums by rate, where there is more than one: with one rate the sums say it all."""
    taxes = invoice.snapshot["taxes"]
    if len(taxes) < 2:
        return []
    rows = []
    for tax in taxes:
        rate = Decimal(tax["rate"])
        name = f"{tidy_line(tax['name'])} {_rate(rate, language)}".strip() if rate else words["not_taxed"]
        amounts = (Decimal(tax[part]) for part in ("net", "tax", "gross"))
        rows.append([name, *(format_money(amount, invoice.currency, language) for amount in amounts)])
    return rows


def _rate(rate: Decimal, language: str) -> str:
    return format_percent(rate, language) if rate else "\N{EN DASH}"


def _sender(seller: Mapping[str, Any]) -> list[str]:
    return [seller["name"], *_place(seller["address"])]


def _buyer(buyer: Mapping[str, Any], words: Words) -> list[str]:
    lines = [buyer["company"], buyer["name"] or ("" if buyer["company"] else display_email(buyer["email"]))]
    lines += _place(buyer["address"])
    if buyer["tax_number"]:
        lines.append(words["your_tax_number"].format(number=buyer["tax_number"]))
    return [line for line in lines if line]


def _place(address: Mapping[str, str]) -> list[str]:
    line1, line2, postal_code, city, state, country = (address[part] for part in ADDRESS)
    town = " ".join(part for part in (postal_code, city) if part)
    place = ", ".join(part for part in (town, state) if part)
    return [line for line in (line1, line2, place, country) if line]


def _imprint(seller: Mapping[str, Any], words: Words) -> list[list[str]]:
    """Return who invoices, in three columns: name and place, how to reach them, their numbers."""
    trade = seller["trade_name"] if seller["trade_name"] != seller["name"] else ""
    numbers = [words[name].format(number=seller[name]) for name in ("vat_id", "tax_number") if seller[name]]
    columns = [
        [seller["name"], trade, *_place(seller["address"])],
        [display_email(seller["email"]), seller["phone"], seller["website"]],
        [*numbers, seller["register_entry"]],
    ]
    return [[line for line in column if line] for column in columns]
