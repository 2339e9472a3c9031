"""What else is on the page of an order: its goods on their way, what went back, and the papers."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.invoices.models import Invoice
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order
from kassa.payments.domain.manual_status import change_status
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.models import Refund, RefundPart
from kassa.storefront.orders.goods import is_web_address
from tests.storefront.pages import BROWSER, links_of, order_path, text_of
from tests.support.factories import line, make_product
from tests.tickets.holders import Holders
from tests.tickets.printing import texts_of

pytestmark = pytest.mark.django_db
ADDRESS = {"name": "Ada L", "line1": "12 Harbour Street", "city": "Bristol", "country": "GB"}


@pytest.fixture
def holders() -> Holders:
    return Holders()


def send(holders: Holders, *statuses: str, **fields: Any) -> Order:
    """Sell a parcel and let it come so far."""
    scarf = make_product(holders.organization, name="Scarf", is_shippable=True)
    order = holders.place(line(scarf, 2), shipping_address=ADDRESS)
    for status in ("confirmed", *statuses):
        more = fields if status == OrderStatus.SHIPPED else {}
        change_status(holders.by_staff(), order.id, to_status=OrderStatus(status), **more)
    return order


def current(answer: Any) -> str:
    """Return the step at which the parcel is."""
    [rest] = answer.content.decode().split('aria-current="step"')[1:]
    return str(rest.split("<b>")[1].split("</b>")[0])


@pytest.mark.parametrize(
    ("statuses", "step"),
    [
        ((), "Ordered"),
        (("processing",), "Being packed"),
        (("processing", "shipped"), "Sent"),
        (("processing", "shipped", "delivered"), "Arrived"),
    ],
)
def test_a_parcel_shows_how_far_it_has_come(holders: Holders, statuses: tuple[str, ...], step: str) -> None:
    order = send(holders, *statuses)

    answer = BROWSER.get(order_path(holders, order))

    assert current(answer) == step
    assert "2 \N{MULTIPLICATION SIGN} Scarf" in text_of(answer)
    assert "12 Harbour Street" in text_of(answer)


@pytest.mark.parametrize(
    ("number", "is_link"),
    [("https://parcels.example/AB12", True), ("AB 12", False), ("javascript:alert(1)", False)],
)
def test_a_parcel_can_be_followed(holders: Holders, number: str, is_link: bool) -> None:
    order = send(holders, "processing", "shipped", tracking_number=number)

    answer = BROWSER.get(order_path(holders, order))

    assert (number in links_of(answer)) == is_link == is_web_address(number)
    assert is_link or number in text_of(answer)


def test_tickets_alone_have_no_parcel(holders: Holders) -> None:
    assert "aria-current" not in BROWSER.get(order_path(holders)).content.decode()


def test_the_invoice_is_issued_when_it_is_first_asked_for(holders: Holders) -> None:
    path = f"{order_path(holders)}/invoice.pdf"
    assert path in links_of(BROWSER.get(order_path(holders)))
    assert not Invoice.objects.of(holders.id).exists()

    answers = [BROWSER.get(path) for _ in range(2)]

    invoice = Invoice.objects.of(holders.id).get()
    assert answers[0].content == answers[1].content
    assert answers[0]["Content-Type"] == "application/pdf"
    assert f"{invoice.number}.pdf" in answers[0]["Content-Disposition"]
    assert "no-store" in answers[0]["Cache-Control"]
    assert invoice.number in texts_of(answers[0].content)[0]


def test_there_is_no_invoice_before_it_is_paid(holders: Holders) -> None:
    order = holders.place()
    path = f"{order_path(holders, order)}/invoice.pdf"

    assert path not in links_of(BROWSER.get(order_path(holders, order)))
    assert BROWSER.get(path).status_code == 404


def test_a_refund_tells_how_far_it_has_come_and_ends_in_a_credit_note(holders: Holders) -> None:
    holders.refund()
    refund = Refund.objects.of(holders.id).get()
    path = f"{order_path(holders)}/credit-notes/{refund.id}.pdf"

    waiting = BROWSER.get(order_path(holders))
    assert "With the organiser" in text_of(waiting)
    assert path not in links_of(waiting)
    assert BROWSER.get(path).status_code == 404

    RefundPart.objects.of(holders.id).update(refusals=1, error="Card closed")
    refused = text_of(BROWSER.get(order_path(holders)))
    assert "The bank rejected the refund." in refused
    assert "Card closed" not in refused

    mark_refunded(holders.by_staff(), holders.sold.id, refund.id, reference="")
    done = BROWSER.get(order_path(holders))
    assert "Refunded On" in text_of(done)
    assert path in links_of(done)
    assert "Credit note" in texts_of(BROWSER.get(path).content)[0]


def test_the_papers_of_others_are_not_there(holders: Holders) -> None:
    stranger = Holders()
    stranger.refund()
    refund = Refund.objects.of(stranger.id).get()
    mark_refunded(stranger.by_staff(), stranger.sold.id, refund.id, reference="")

    answer = BROWSER.get(f"{order_path(holders)}/credit-notes/{refund.id}.pdf")

    assert answer.status_code == 404
    assert not Invoice.objects.of(stranger.id).exists()
