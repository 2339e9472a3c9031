"""Invoices on paper."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from kassa.core.formatting import format_date
from kassa.invoices.domain.document import invoice_pdf
from kassa.sales.domain.request import Customer
from tests.invoices.books import SELLER, Books
from tests.support.factories import line
from tests.tickets.printing import lines_of, texts_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    return Books(**SELLER)


def customer(first_name: str = "Ada", last_name: str = "Lovelace", language: str = "en") -> Customer:
    return Customer(email="ada@example.com", first_name=first_name, last_name=last_name, language=language)


def test_it_says_all_that_the_law_asks_for(books: Books) -> None:
    order = books.sell(line(books.taxed("19", price=Decimal("45.00")), 2), customer=customer())
    invoice = books.invoice(order)

    text = books.read(invoice)

    day = format_date(invoice.issued_at, "en", "long")
    for part in (
        f"Invoice {invoice.number}",
        *SELLER.values(),
        "Ada Lovelace",
        order.number,
        day,
        "Standing",
        "2 at €45.00",
        "€90.00",
        "€75.63",
        "VAT 19%",
        "€14.37",
        "Page 1 of 1",
        "Paid. Nothing is left to pay.",
    ):
        assert part in text, part


def test_a_credit_note_names_its_invoice(books: Books) -> None:
    order = books.sell(customer=customer())
    note = books.credit(order, books.give_back(order, books.tickets_of(order)[0]))

    text = books.read(note)

    assert f"Credit note {note.number}" in text
    assert note.corrects is not None
    assert note.corrects.number in text
    assert "Total credited €45.00" in text
    assert "This amount was paid back." in text


def test_it_is_in_the_buyers_language(books: Books) -> None:
    order = books.sell(line(books.taxed("20", name="TVA")), customer=customer(language="fr"))

    text = books.read(books.invoice(order))

    for part in ("Facture", "Commande", "45,00 €", "TVA 20 %", "Page 1 sur 1"):
        assert part in text


def test_french_rates_and_words_of_the_tax_are_the_same_everywhere(books: Books) -> None:
    kinds = books.taxed("7", name="TVA"), books.taxed("19", name="TVA")
    order = books.sell(*(line(kind) for kind in kinds), customer=customer(language="fr"))

    lines = lines_of(invoice_pdf(books.id, books.invoice(order)))

    rates = [re.findall(r"\d+(.?)%", text) for text in lines if "%" in text]
    assert len(rates) == 6  # two lines, two of the sum and two of the table
    assert {space for found in rates for space in found} == {"\N{NO-BREAK SPACE}"}
    assert any("DÉTAIL DE LA TVA" in text for text in lines)
    assert not any("VAT" in text or "TAXES" in text for text in lines)


@pytest.mark.parametrize("name", ["王小明", "محمد علي", "Łukasz Żółć", "דנה כהן"])
def test_every_script_is_written(books: Books, name: str) -> None:
    order = books.sell(customer=customer(first_name=name, last_name=""))

    text = books.read(books.invoice(order))

    assert "\N{REPLACEMENT CHARACTER}" not in text
    assert set(name.replace(" ", "")) <= set(text)


def test_many_lines_go_on_over_pages_with_their_heads(books: Books) -> None:
    kinds = [books.taxed("19", price=Decimal(number)) for number in range(1, 41)]
    invoice = books.invoice(books.sell(*(line(kind) for kind in kinds)))

    pages = texts_of(invoice_pdf(books.id, invoice))

    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert SELLER["vat_id"] in page
    assert all(f"Invoice {invoice.number}, continued" in page for page in pages[1:])
    assert all("DESCRIPTION" in page for page in pages[:-1])


def test_the_same_document_is_the_same_file(books: Books) -> None:
    invoice = books.invoice(books.sell())

    assert invoice_pdf(books.id, invoice) == invoice_pdf(books.id, invoice)
