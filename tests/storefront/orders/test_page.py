"""The page of an order, for its buyer alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.core.ids import new_id
from kassa.notifications.models import Message
from kassa.orders.domain.codes import new_codes, spaced
from kassa.orders.models import Order, OrderItem, Ticket
from kassa.organizations.models import OrganizationSettings
from kassa.payments.domain.refunds.plan import GoodsSelection
from kassa.pictures.addresses import picture_url
from kassa.storefront.tickets.wallets import usable_wallets
from kassa.tickets.domain.links import order_token, transfer_token
from kassa.tickets.models import WalletAccount
from tests.payments.money import give_back, paid_order
from tests.storefront.pages import BROWSER, actions_of, links_of, order_path, text_of, ticket_path
from tests.support.factories import line, make_picture
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

    assert answer["Referrer-Policy"] == "same-origin"
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
    assert "Transferred to g…@example.com" in text
    assert "Transferred" in text
    for secret in (ticket.code, spaced(ticket.code), ticket_path(holders), "grace.hopper", "Grace"):
        assert secret not in answer.content.decode()
    assert len([link for link in links_of(answer) if link.startswith("/tickets/")]) == 1


def test_a_ticket_that_went_on_hides_who_has_it_now(holders: Holders) -> None:
    holders.accept(holders.offer("grace@example.com"))
    holders.accept(holders.offer("edsger@example.com"))

    assert "Transferred to e…@example.com" in text_of(BROWSER.get(order_path(holders)))


def test_after_a_replacement_it_leads_to_the_new_ticket(holders: Holders) -> None:
    old = ticket_path(holders)
    holders.reissue()

    links = links_of(BROWSER.get(order_path(holders)))

    assert ticket_path(holders) in links
    assert old not in links


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (Holders.refund, "Part of it has been refunded"),
        (Holders.cancel, "This order has been cancelled"),
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
    assert "Your tickets are reserved until" in text
    assert "PDF" not in text


def test_an_order_whose_hold_is_over_has_expired(holders: Holders) -> None:
    order = holders.place()
    Order.objects.of(holders.id).filter(id=order.id).update(expires_at=utc_now())

    text = text_of(BROWSER.get(order_path(holders, order)))

    assert "This order has expired" in text
    assert "Your tickets are reserved" not in text


def test_a_page_asks_as_often_for_ten_tickets_as_for_two(
    holders: Holders, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(17) as first:  # the first page makes the key that signs the codes
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
        assert "This link doesn’t work" in text_of(answer)
        assert holders.sold.number not in text_of(answer)


def test_the_pages_of_an_organisation_that_is_gone_are_gone(holders: Holders) -> None:
    path, of_ticket = order_path(holders), ticket_path(holders)
    organization = holders.organization
    organization.deleted_at = utc_now()
    organization.save()

    assert [BROWSER.get(one).status_code for one in (path, of_ticket)] == [404, 404]


def test_codes_are_there_at_once_with_the_poster(holders: Holders) -> None:
    picture = make_picture(holders.organization)
    Event.objects.of(holders.id).update(featured_image=picture_url(picture.id, "svg"))

    answer = BROWSER.get(order_path(holders))

    text, page = text_of(answer), answer.content.decode()
    tickets = holders.tickets_of(holders.sold)
    assert "You’re going!" in text
    assert page.count('class="qr"') == len(tickets) == 2
    assert all(spaced(ticket.code) in text for ticket in tickets)
    assert f'src="/pictures/{picture.id}.svg" alt="A poster"' in page


def test_a_ticket_that_lets_nobody_in_shows_no_code(holders: Holders) -> None:
    [ticket, other] = holders.tickets_of(holders.sold)
    Ticket.objects.of(holders.id).filter(id=ticket.id).update(blocked_at=utc_now())

    answer = BROWSER.get(order_path(holders))

    assert answer.content.decode().count('class="qr"') == 1
    assert (spaced(ticket.code) in text_of(answer), spaced(other.code) in text_of(answer)) == (False, True)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("sent", "We have sent your tickets to ada@example.com."),
        ("pending", "Your tickets are on their way to ada@example.com."),
        ("bounced", "Our e-mail to ada@example.com could not be delivered."),
        ("skipped", None),
        (None, None),
    ],
)
def test_it_says_where_the_mail_went(holders: Holders, status: str | None, sentence: str | None) -> None:
    if status is None:
        Order.objects.of(holders.id).update(confirmed_at=utc_now() - timedelta(days=1))
    else:
        Message.unscoped.create(
            organization_id=holders.id,
            order_id=holders.sold.id,
            kind="order_confirmed",
            language="en",
            recipient="ada@example.com",
            occasion="test",
            status=status,
            next_try_at=utc_now() if status == "pending" else None,
        )

    text = text_of(BROWSER.get(order_path(holders)))

    assert ("ada@example.com" in text.split("Download")[0]) == (sentence is not None)
    assert sentence is None or sentence in text


def test_mail_of_an_order_just_confirmed_is_on_its_way(holders: Holders) -> None:
    Order.objects.of(holders.id).update(confirmed_at=utc_now())
    assert "Your tickets are on their way to ada@example.com." in text_of(BROWSER.get(order_path(holders)))

    OrganizationSettings.objects.of(holders.id).update(email_notifications=False)

    assert "spam" not in text_of(BROWSER.get(order_path(holders)))


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "usable"),
    [
        (IPHONE, {"apple"}),
        (ANDROID, {"google"}),
        (MAC, {"apple", "google"}),
        (WINDOWS, {"google"}),
        ("", {"google"}),
    ],
    ids=["iphone", "android", "mac", "windows", "unknown"],
)
def test_wallets_are_looked_at_before_they_are_offered(agent: str, usable: set[str]) -> None:
    assert usable_wallets(["apple", "google"], agent) == usable
    assert usable_wallets([], agent) == set()


def test_wallet_buttons_stand_beside_each_code(holders: Holders) -> None:
    for kind in ("apple", "google"):
        WalletAccount.unscoped.create(organization_id=holders.id, kind=kind, configuration={}, secrets="x")

    links = links_of(BROWSER.get(order_path(holders), headers={"User-Agent": IPHONE}))
    on_ticket = links_of(BROWSER.get(ticket_path(holders), headers={"User-Agent": ANDROID}))

    assert len([link for link in links if link.endswith("/pass.pkpass")]) == 2
    assert not [link for link in links if link.endswith("/google-wallet")]
    assert [link.rpartition("/")[2] for link in on_ticket if "wallet" in link or "pkpass" in link] == [
        "google-wallet"
    ]


@pytest.mark.parametrize(
    ("language", "quantity", "shown"),
    [
        ("en", 1, "Poster 1 item refunded"),
        ("en", 2, "Poster 2 items refunded"),
        ("fr", 1, "Poster 1 article remboursé"),
        ("fr", 2, "Poster 2 articles remboursés"),
    ],
)
def test_pieces_that_were_given_back_are_named(
    holders: Holders, language: str, quantity: int, shown: str
) -> None:
    order = paid_order(holders, line(holders.shirt, 3), line(holders.standing))
    item = OrderItem.objects.of(holders.id).get(order_id=order.id, kind="merchandise")
    assert "refunded" not in text_of(BROWSER.get(order_path(holders, order)))

    give_back(holders, order, goods=[GoodsSelection(item.id, quantity)])

    answer = BROWSER.get(order_path(holders, order), HTTP_ACCEPT_LANGUAGE=language)
    assert shown in text_of(answer)
