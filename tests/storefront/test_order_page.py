"""The page of an order, for its buyer alone."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.core.ids import new_id
from kassa.orders.domain.codes import new_codes, spaced
from kassa.orders.models import Order
from kassa.tickets.domain.links import order_token, transfer_token
from tests.storefront.pages import BROWSER, actions_of, links_of, order_path, text_of, ticket_path
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db


@pytest.fixture
def holders() -> Holders:
    return Holders(primary_color="#c2410c")


def test_it_tells_what_was_bought(holders: Holders) -> None:
    holders.write(first_name="Ada & <b>Bob</b>", by_holder=False)

    answer = BROWSER.get(order_path(holders))

    text = text_of(answer)
    assert answer.status_code == 200
    for shown in ("Harbour Hall", holders.sold.number, "Night of Strings", "Ada & <b>Bob</b>", "€90.00"):
        assert shown in text
    assert "Your order is confirmed" in text
    assert ticket_path(holders) in links_of(answer)
    assert b"&lt;b&gt;Bob" in answer.content


def test_nobody_else_learns_of_the_address(holders: Holders) -> None:
    answer = BROWSER.get(order_path(holders))

    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer["Cache-Control"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not answer.cookies
    foreign = [link for link in links_of(answer) if link.startswith(("http:", "https:", "//"))]
    assert foreign == []
    assert b"<script" not in answer.content
    assert b"style=" not in answer.content


def test_a_ticket_that_was_given_away_shows_neither_code_nor_link(holders: Holders) -> None:
    holders.accept(holders.offer("grace.hopper@example.com"))
    ticket = holders.ticket

    answer = BROWSER.get(order_path(holders))

    text = text_of(answer)
    assert "Given to g…@example.com" in text
    assert "Given away" in text
    for secret in (ticket.code, spaced(ticket.code), ticket_path(holders), "grace.hopper", "Grace"):
        assert secret not in answer.content.decode()
    assert len([link for link in links_of(answer) if link.startswith("/tickets/")]) == 1


def test_a_ticket_that_went_on_hides_who_has_it_now(holders: Holders) -> None:
    holders.accept(holders.offer("grace@example.com"))
    holders.accept(holders.offer("edsger@example.com"))

    assert "Given to e…@example.com" in text_of(BROWSER.get(order_path(holders)))


def test_after_a_replacement_it_leads_to_the_new_ticket(holders: Holders) -> None:
    old = ticket_path(holders)
    holders.reissue()

    links = links_of(BROWSER.get(order_path(holders)))

    assert ticket_path(holders) in links
    assert old not in links


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (Holders.refund, "Something of it was given back"),
        (Holders.cancel, "This order is cancelled"),
    ],
)
def test_it_tells_how_the_order_stands(holders: Holders, change: Any, shown: str) -> None:
    change(holders)

    answer = BROWSER.get(order_path(holders))

    assert shown in text_of(answer)
    assert ticket_path(holders) not in links_of(answer)


def test_an_order_that_is_not_paid_says_until_when_its_places_are_held(holders: Holders) -> None:
    order = holders.place()

    text = text_of(BROWSER.get(order_path(holders, order)))

    assert "Not paid yet" in text
    assert "Your places are held until" in text
    assert "PDF" not in text


def test_an_order_whose_hold_is_over_has_expired(holders: Holders) -> None:
    order = holders.place()
    Order.objects.of(holders.id).filter(id=order.id).update(expires_at=utc_now())

    text = text_of(BROWSER.get(order_path(holders, order)))

    assert "This order has expired" in text
    assert "Your places are held" not in text


def test_a_page_asks_as_often_for_ten_tickets_as_for_two(
    holders: Holders, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12) as first:
        BROWSER.get(order_path(holders))
    for ticket in holders.tickets_of(holders.sold) * 4:
        ticket.id, [ticket.code] = new_id(), new_codes(1)
        ticket.save(force_insert=True)

    with django_assert_max_num_queries(len(first)):
        assert BROWSER.get(order_path(holders)).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_only_read(holders: Holders, method: str) -> None:
    assert getattr(BROWSER, method)(order_path(holders)).status_code == 405
    assert actions_of(BROWSER.get(order_path(holders))) == set()


@pytest.mark.parametrize("rest", ["", "/tickets.pdf", "/calendar.ics"])
def test_what_is_no_link_leads_nowhere(holders: Holders, rest: str) -> None:
    other = Holders()
    crossed = order_token(holders.id, other.sold.id, 0)
    wrong_kind = transfer_token(holders.id, holders.sold.id, 0)

    swapped = order_token(other.id, holders.sold.id, 0)

    for token in ("abc", "A" * 64, "%00", "é" * 64, crossed, wrong_kind, swapped):
        answer = BROWSER.get(f"/orders/{token}{rest}")
        assert answer.status_code == 404
        assert "This link leads nowhere" in text_of(answer)
        assert holders.sold.number not in text_of(answer)


def test_the_pages_of_an_organisation_that_is_gone_are_gone(holders: Holders) -> None:
    path, of_ticket = order_path(holders), ticket_path(holders)
    organization = holders.organization
    organization.deleted_at = utc_now()
    organization.save()

    assert [BROWSER.get(one).status_code for one in (path, of_ticket)] == [404, 404]
