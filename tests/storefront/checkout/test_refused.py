"""What changes between looking and ordering is told beside its line, in the reader's language."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest

from kassa.catalog.models import Event, Product, TicketType
from kassa.core.clock import utc_now
from tests.storefront.checkout.world import Till, a_till, value_of
from tests.support.factories import line, make_product, make_ticket_type

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]
N, A = "\N{NO-BREAK SPACE}", "\N{RIGHT SINGLE QUOTATION MARK}"


def cancel(till: Till) -> None:
    Event.objects.of(till.organization.id).update(status="cancelled")


def end_sale(till: Till) -> None:
    TicketType.objects.of(till.organization.id).update(sales_end_at=utc_now() - timedelta(days=1))


def limit(till: Till) -> None:
    TicketType.objects.of(till.organization.id).update(max_per_order=1)


def withdraw_poster(till: Till) -> None:
    Product.objects.of(till.organization.id).update(status="inactive")


@pytest.mark.parametrize(
    ("happens", "nth", "english", "french"),
    [
        (
            cancel,
            0,
            "“Standing” is no longer on sale: the event has been cancelled.",
            f"«{N}Standing{N}» n{A}est plus en vente{N}: l{A}événement est annulé.",
        ),
        (end_sale, 0, "“Standing” was on sale until", f"«{N}Standing{N}» était en vente jusqu{A}au"),
        (
            limit,
            0,
            "One order takes at most 1 of “Standing”.",
            f"«{N}Standing{N}»{N}: au plus 1 par commande.",
        ),
        (withdraw_poster, 1, "This is no longer on sale.", f"Ceci n{A}est plus en vente."),
    ],
    ids=["cancelled", "ended", "limited", "withdrawn"],
)
def test_line_that_cannot_be_had_any_more_is_told_beside_it(
    happens: Any, nth: int, english: str, french: str
) -> None:
    till = a_till()
    till.fill(line(make_ticket_type(till.event), 2), line(make_product(till.organization)))
    happens(till)
    beside = f'id="line-{till.items()[nth].id}-error">'

    for language, sentence in (("en", english), ("fr", french)):
        till.language = language
        shown, refused = till.get(), till.order()
        assert refused.status_code == 409
        assert value_of(refused, "email") == "ada@example.com"
        for page in (shown, refused):
            assert f"{beside}{sentence}" in html.unescape(page.content.decode())

    assert till.orders() == []
    assert [item.quantity for item in till.items()] == [2, 1]


def test_rest_is_ordered_without_it() -> None:
    till = a_till()
    till.fill(line(make_ticket_type(till.event)), line(make_product(till.organization)))
    withdraw_poster(till)

    till.post(f"remove:{till.items()[1].id}")

    assert till.order().status_code == 303
    assert len(till.orders()) == 1
