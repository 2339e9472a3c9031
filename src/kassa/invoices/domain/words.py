"""What is written on invoices beside what was sold, in each language that buyers read."""

from __future__ import annotations

from collections.abc import Mapping

from kassa.core.languages import Language

_ENGLISH = {
    "invoice": "Invoice",
    "credit_note": "Credit note",
    "number": "Number",
    "issued": "Issued on",
    "order": "Order",
    "ordered": "Ordered on",
    "paid": "Paid on",
    "corrects": "For invoice {number} of {date}",
    "billed_to": "Billed to",
    "your_tax_number": "Tax number: {number}",
    "description": "Description",
    "quantity": "Qty",
    "net": "Net",
    "tax_rate": "Tax",
    "tax_amount": "Tax amount",
    "gross": "Amount",
    "each": "{quantity} at {price}",
    "one": "{price}",
    "discount": "discount {amount}",
    "fee": "Service fee",
    "shipping": "Shipping",
    "total": "Total",
    "total_credit": "Total credited",
    "net_total": "Net total",
    "rounding": "Rounding",
    "taxes": "Includes VAT",
    "not_taxed": "Not taxed",
    "settled": "Paid. Nothing is left to pay.",
    "settled_credit": "This amount was paid back.",
    "continued": "{kind} {number}, continued",
    "page": "Page {page} of {pages}",
    "tax_number": "Tax number {number}",
    "vat_id": "VAT ID {number}",
    "canceled": "Refunded",
}
_FRENCH = {
    "invoice": "Facture",
    "credit_note": "Avoir",
    "number": "Numéro",
    "issued": "Date d\N{RIGHT SINGLE QUOTATION MARK}émission",
    "order": "Commande",
    "ordered": "Commandé le",
    "paid": "Payé le",
    "corrects": "Relatif à la facture {number} du {date}",
    "billed_to": "Facturé à",
    "your_tax_number": "Numéro fiscal\N{NO-BREAK SPACE}: {number}",
    "description": "Désignation",
    "quantity": "Qté",
    "net": "HT",
    "tax_rate": "TVA",
    "tax_amount": "Montant TVA",
    "gross": "TTC",
    "each": "{quantity} à {price}",
    "one": "{price}",
    "discount": "remise {amount}",
    "fee": "Frais de service",
    "shipping": "Frais de port",
    "total": "Total TTC",
    "total_credit": "Total de l\N{RIGHT SINGLE QUOTATION MARK}avoir",
    "net_total": "Total HT",
    "rounding": "Arrondi",
    "taxes": "Détail de la TVA",
    "not_taxed": "Non soumis à la TVA",
    "settled": "Facture acquittée.",
    "settled_credit": "Ce montant a été remboursé.",
    "continued": "{kind} {number}, suite",
    "page": "Page {page} sur {pages}",
    "tax_number": "Numéro fiscal {number}",
    "vat_id": "TVA {number}",
    "canceled": "Rendu",
}
_WORDS: Mapping[str, Mapping[str, str]] = {Language.ENGLISH: _ENGLISH, Language.FRENCH: _FRENCH}


def words_in(language: str) -> Mapping[str, str]:
    """Return all words of a language; English where Kassa does not speak it."""
    return _WORDS.get(language, _ENGLISH)
