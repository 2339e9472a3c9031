"""Invoices: issued once, numbered without gaps, made of what was sold, and never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kassa.catalog.models import TaxRule
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound
from kassa.core.money import round_money
from kassa.invoices.errors import InvoicePrefixTaken, NothingToCredit, NothingToInvoice
from kassa.invoices.models import Invoice, InvoiceSeries
from kassa.orders.models import OrderItem
from kassa.organizations.domain.manage import change_organization
from kassa.organizations.models import OrganizationSettings
from kassa.payments.domain.refunds.plan import GoodsSelection, RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from tests.invoices.books import SELLER, Books
from tests.support.books import assert_books_balance
from tests.support.factories import line, make_coupon

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Books:
    return Books(**SELLER)


def sums_of(invoice: Invoice) -> tuple[str, str, str]:
    shown = invoice.snapshot
    return shown["net"], shown["tax"], shown["total"]


def test_it_says_what_was_sold(books: Books) -> None:
    stalls = books.taxed("19", name="VAT", price=Decimal("45.00"))
    coupon = make_coupon(books.organization, discount_value=Decimal(10))
    order = books.sell(line(stalls, 2), line(books.taxed_goods("7"), 1), coupon_code=coupon.code)

    invoice = books.invoice(order)

    tickets, poster = invoice.snapshot["lines"]
    assert (tickets["description"], tickets["quantity"], tickets["unit_price"]) == ("Standing", 2, "45.00")
    assert (tickets["discount"], tickets["net"], tickets["tax"], tickets["gross"]) == (
        "9.00",
        "68.07",
        "12.93",
        "81.00",
    )
    assert tickets["detail"].startswith("Night of Strings, ")
    assert (poster["description"], poster["gross"], poster["tax"]) == ("Poster", "11.25", "0.74")
    assert [(one["rate"], one["gross"]) for one in invoice.snapshot["taxes"]] == [
        ("19.000", "81.00"),
        ("7.000", "11.25"),
    ]
    assert invoice.total == order.total == Decimal("92.25")
    assert invoice.snapshot["seller"]["name"] == "Lindenhof Kultur gGmbH"
    assert invoice.snapshot["order"]["number"] == order.number


def test_tax_that_is_added_and_fees_are_in_the_sums(books: Books) -> None:
    settings = {"service_fee_fixed": Decimal("1.50"), "shipping_fee": Decimal("4.90")}
    change_organization(
        CommandContext.system(books.id, now=books.context().now), changes={}, settings=settings
    )
    shirt = books.taxed_goods("20", is_shippable=True)
    stalls = books.taxed("5.5", included=False, price=Decimal("30.00"))
    order = books.sell(line(stalls), line(shirt), shipping_address={"line1": "1 Quay", "city": "Bristol"})

    invoice = books.invoice(order)

    assert [line["kind"] for line in invoice.snapshot["lines"]] == [
        "ticket",
        "merchandise",
        "fee",  # for each of the rates of the goods
        "fee",
        "shipping",
    ]
    assert invoice.snapshot["lines"][0]["net"] == "30.00"
    assert invoice.snapshot["lines"][0]["gross"] == "31.65"
    assert invoice.total == order.total
    assert sums_of(invoice)[2] == f"{order.total:.2f}"


def assert_rules_hold(invoice: Invoice) -> None:
    """Hold a document to BR-S-08, BR-CO-17 and the sums of EN 16931."""
    shown = invoice.snapshot
    for tax in shown["taxes"]:
        net = sum(Decimal(line["net"]) for line in shown["lines"] if line["tax_rate"] == tax["rate"])
        assert Decimal(tax["net"]) == net
        assert Decimal(tax["tax"]) == round_money(net * Decimal(tax["rate"]) / 100, invoice.currency)
    parts = [Decimal(shown[part]) for part in ("net", "tax", "rounding")]
    assert sum(parts) == Decimal(shown["total"]) == invoice.total


def charge(books: Books, **settings: Any) -> None:
    given = {"service_fee_percentage": Decimal("2.5"), "service_fee_fixed": Decimal("0.50"), **settings}
    change_organization(CommandContext.system(books.id, now=books.context().now), changes={}, settings=given)


def test_fees_bear_the_tax_of_what_was_sold(books: Books) -> None:
    charge(books)
    order = books.sell(line(books.taxed("7", price=Decimal("12.00"))))

    invoice = books.invoice(order)

    fee = invoice.snapshot["lines"][-1]
    assert (fee["kind"], fee["tax_name"], fee["tax_rate"]) == ("fee", "VAT", "7.000")
    assert (fee["net"], fee["tax"], fee["gross"]) == ("0.75", "0.05", "0.80")
    assert [(tax["rate"], tax["net"], tax["tax"]) for tax in invoice.snapshot["taxes"]] == [
        ("7.000", "11.96", "0.84")
    ]
    assert sums_of(invoice) == ("11.96", "0.84", "12.80")
    assert "Not taxed" not in books.read(invoice)
    assert_rules_hold(invoice)
    assert_books_balance(books.id)


def test_ten_types_of_an_included_tax_are_taxed_together(books: Books) -> None:
    swiss = [books.taxed("7.7", price=Decimal("0.99")) for _ in range(10)]

    invoice = books.invoice(books.sell(*(line(one) for one in swiss)))

    assert sums_of(invoice) == ("9.19", "0.71", "9.90")
    assert_rules_hold(invoice)


def test_what_cannot_be_a_net_and_its_tax_leaves_a_rounding_that_is_shown(books: Books) -> None:
    invoice = books.invoice(books.sell(line(books.taxed("19", price=Decimal("1.03")))))

    assert (invoice.snapshot["rounding"], sums_of(invoice)) == ("0.01", ("0.86", "0.16", "1.03"))
    assert "Rounding €0.01" in books.read(invoice)
    assert_rules_hold(invoice)
    assert_books_balance(books.id)


def test_fees_with_a_tax_of_their_own_go_back_with_it(books: Books) -> None:
    rule = TaxRule.unscoped.create(
        organization=books.organization, name="Sales tax", rate=Decimal(10), included=False
    )
    charge(books, fee_taxation="rule", fee_tax_rule_id=rule.id, refund_fees=True)
    order = books.sell(line(books.taxed("7", price=Decimal("12.00"))))
    assert (order.fees, order.taxes, order.total) == (Decimal("0.80"), Decimal("0.08"), Decimal("12.88"))

    refund = books.give_back(order, *books.tickets_of(order))
    note = books.credit(order, refund)

    assert [(one["what"], one["amount"]) for one in refund.lines] == [("ticket", "12.00"), ("fees", "0.88")]
    assert books.order(order.id).refunded_amount == order.total
    [fee] = [one for one in note.snapshot["lines"] if one["kind"] == "fee"]
    assert (fee["net"], fee["tax"], fee["gross"]) == ("0.80", "0.08", "0.88")
    for document in (books.invoice(order), note):
        assert_rules_hold(document)
    assert_books_balance(books.id)


def test_pieces_that_went_back_stand_on_the_credit_note(books: Books) -> None:
    books_sold = books.taxed_goods("7", price=Decimal("9.99"), name="Book", is_shippable=False)
    order = books.sell(line(books_sold, 3), line(books.taxed("19", price=Decimal("50.00"))))
    [item] = OrderItem.objects.of(books.id).filter(order_id=order.id, kind="merchandise")

    first = books.give_back(order, goods=(GoodsSelection(item.id, 2),))
    last = books.give_back(order, goods=(GoodsSelection(item.id, 1),))
    notes = [books.credit(order, refund) for refund in (first, last)]

    assert [(one["what"], one["amount"]) for one in first.lines] == [("goods", "19.98")]
    for note, quantity, gross in zip(notes, (2, 1), ("19.98", "9.99"), strict=True):
        [shown] = note.snapshot["lines"]
        assert (shown["kind"], shown["quantity"], shown["gross"]) == ("merchandise", quantity, gross)
        assert shown["tax_rate"] == "7.000"
        assert_rules_hold(note)
    invoiced = next(one for one in books.invoice(order).snapshot["taxes"] if one["rate"] == "7.000")
    for figure in ("net", "tax"):
        assert sum(Decimal(note.snapshot[figure]) for note in notes) == Decimal(invoiced[figure])
    assert_books_balance(books.id)


def test_fees_of_an_older_order_stay_as_they_were_sold(books: Books) -> None:
    """An order that was placed before fees were taxed says nothing of a tax on them."""
    charge(books, fee_taxation="none")
    order = books.sell(line(books.taxed("7", price=Decimal("12.00"))))
    charge(books, fee_taxation="as_goods")

    invoice = books.invoice(order)

    assert order.charge_taxes == []
    assert invoice.snapshot["lines"][-1]["tax_rate"] == "0.000"
    assert "Not taxed" in books.read(invoice)
    assert_rules_hold(invoice)


def test_the_billing_address_names_the_buyer(books: Books) -> None:
    order = books.sell(
        billing_address={
            "company": "Analytical Engines Ltd",
            "line1": "12 Harbour Street",
            "city": "Bristol",
            "tax_number": "GB123",
        }
    )

    buyer = books.invoice(order).snapshot["buyer"]

    assert (buyer["company"], buyer["tax_number"]) == ("Analytical Engines Ltd", "GB123")
    assert (buyer["address"]["line1"], buyer["address"]["country"]) == ("12 Harbour Street", "")
    assert buyer["email"] == "ada@example.com"


def test_it_is_issued_once_and_stays_as_it_was(books: Books) -> None:
    order = books.sell()
    first = books.invoice(order)
    change_organization(
        CommandContext.system(books.id, now=books.context().now),
        changes={"name": "Other"},
        settings={"legal_name": "Other Ltd"},
    )

    again = books.invoice(order)

    assert (again.id, again.snapshot) == (first.id, first.snapshot)
    assert books.numbers() == [first.number]


def test_numbers_are_counted_by_organisation_kind_and_year(books: Books) -> None:
    others = Books()
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    old_year = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    orders = [books.sell() for _ in range(3)]

    books.invoice(orders[0], now=old_year)
    books.invoice(orders[1], now=old_year)
    books.invoice(orders[2], now=new_year)
    books.credit(orders[0], books.give_back(orders[0], everything=True), now=old_year)
    others.invoice(others.sell(), now=old_year)

    assert books.numbers() == ["INV-2026-00001", "INV-2026-00002", "INV-2027-00001", "CN-2026-00001"]
    assert others.numbers() == ["INV-2026-00001"]


def test_a_number_that_was_not_used_is_given_out_again(books: Books) -> None:
    order = books.sell()
    with transaction.atomic():
        books.invoice(order)
        transaction.set_rollback(True)

    assert books.invoice(order).nth == 1


def test_a_prefix_of_other_documents_is_refused_and_no_number_is_lost(books: Books) -> None:
    order = books.sell()
    first = books.invoice(order)
    refund = books.give_back(order, everything=True)
    OrganizationSettings.objects.of(books.id).update(invoice_prefix="FAC", credit_note_prefix="INV")

    with pytest.raises(InvoicePrefixTaken) as refused:
        books.credit(order, refund, now=first.issued_at)

    assert refused.value.details == {"number": first.number}
    assert not InvoiceSeries.objects.of(books.id).filter(kind="credit_note", last__gt=0).exists()


def test_there_is_none_of_what_was_not_sold(books: Books) -> None:
    unpaid = books.place()
    free = books.sell(line(books.taxed("19", price=Decimal(0))))

    for order in (unpaid, free):
        with pytest.raises(NothingToInvoice):
            books.invoice(order)
    with pytest.raises(NotFound):
        books.invoice(Books().sell())
    assert books.numbers() == []


def test_the_database_refuses_to_change_it(books: Books) -> None:
    invoice = books.invoice(books.sell())

    for change in (
        lambda: Invoice.objects.of(books.id).update(total=1),
        lambda: Invoice.objects.of(books.id).filter(id=invoice.id).delete(),
    ):
        with pytest.raises(DatabaseError, match="is issued: correct it"), transaction.atomic():
            change()
    assert Invoice.objects.of(books.id).get() == invoice


def test_tickets_that_were_given_back_are_credited(books: Books) -> None:
    stalls = books.taxed("19", price=Decimal("45.00"))
    order = books.sell(line(stalls, 3))
    refund = books.give_back(order, books.tickets_of(order)[0])

    note = books.credit(order, refund)

    [back] = note.snapshot["lines"]
    assert (note.kind, note.number) == ("credit_note", f"CN-{note.issued_at.year}-00001")
    assert (back["quantity"], back["gross"], back["tax"]) == (1, "45.00", "7.18")
    assert note.corrects == Invoice.objects.of(books.id).get(kind="invoice")
    assert note.snapshot["corrects"]["number"] == f"INV-{note.issued_at.year}-00001"
    assert books.credit(order, refund).id == note.id


@pytest.mark.parametrize("ways", ["one by one", "amount first", "cancelled"])
def test_credit_notes_of_all_that_went_back_add_up_to_the_invoice(books: Books, ways: str) -> None:
    change_organization(
        CommandContext.system(books.id, now=books.context().now),
        changes={},
        settings={"service_fee_fixed": Decimal("1.50"), "refund_fees": True},
    )
    order = books.sell(
        line(books.taxed("19", price=Decimal("33.33")), 3), line(books.taxed("7", price=Decimal("9.99")), 1)
    )
    refunds = []
    if ways == "one by one":
        refunds = [books.give_back(order, ticket) for ticket in books.tickets_of(order)]
    elif ways == "amount first":
        refunds.append(books.give_back(order, amount=Decimal("20.01")))
        refunds.append(books.give_back(order, books.tickets_of(order)[0]))
        refunds.append(books.give_back(order, everything=True))
    else:
        refunds.append(books.cancel(order))

    notes = [books.credit(order, refund) for refund in reversed(refunds)]

    invoice = books.invoice(order)
    assert sum(note.total for note in notes) == invoice.total == order.total
    for figure in ("net", "tax", "rounding"):
        assert sum(Decimal(note.snapshot[figure]) for note in notes) == Decimal(invoice.snapshot[figure])
    for document in (invoice, *notes):
        assert_rules_hold(document)


def test_money_that_is_not_back_is_not_credited(books: Books) -> None:
    order = books.sell()
    pending = refund_order(books.context(), order.id, command=RefundCommand(RefundSelection(everything=True)))

    with pytest.raises(NothingToCredit):
        books.credit(order, pending)
    with pytest.raises(NotFound):
        books.credit(books.sell(), pending)
    assert books.numbers() == []


def test_asking_again_costs_one_query(books: Books) -> None:
    order = books.sell()
    books.invoice(order)

    with CaptureQueriesContext(connection) as asked:
        books.invoice(order)

    assert len(asked) == 1


def test_the_database_refuses_to_credit_more_than_was_invoiced(books: Books) -> None:
    order = books.sell()
    note = books.credit(order, books.give_back(order, amount=Decimal("60.00")))
    second: dict[str, Any] = {"number": "CN-2026-99999", "nth": 99999, "total": Decimal("30.01")}
    other = books.give_back(order, amount=Decimal("20.00"))

    with pytest.raises(DatabaseError, match="takes back more"), transaction.atomic():
        Invoice.unscoped.create(
            organization_id=books.id,
            kind="credit_note",
            year=2026,
            order=order,
            refund=other,
            corrects=note.corrects,
            issued_at=note.issued_at,
            currency="EUR",
            snapshot=note.snapshot,
            **second,
        )
