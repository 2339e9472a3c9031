"""The form of a choice: a cart and the way to the checkout, or the page again with what is wrong."""

from __future__ import annotations

import html
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from kassa.core.clock import utc_now
from kassa.core.ids import new_id
from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import OrganizationSettings
from kassa.sales.models import Cart
from kassa.storefront.visitors.carts import cart_token
from tests.sales.carts import race, states
from tests.storefront.choose.stage import Stage, field
from tests.support.factories import make_coupon, make_event, make_product, make_ticket_type, places
from tests.waiting.factories import make_room

pytestmark = pytest.mark.django_db(transaction=True)


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def cart_of(stage: Stage) -> Cart:
    [cart] = Cart.objects.of(stage.organization.id)
    return cart


def test_a_choice_becomes_a_cart_and_leads_to_the_checkout() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)
    programme = make_product(stage.organization, event=stage.event, name="Programme")

    answer = stage.choose({field(standing): "2", field(programme): "1"})

    token = cart_token(stage.organization.id, cart_of(stage).id)
    assert (answer.status_code, answer["Location"]) == (303, f"/{stage.organization.slug}/checkout/{token}")
    assert answer.cookies[f"kassa_cart_{stage.organization.id.hex}"].value == token
    assert stage.held() == [("Standing", 2, 0), ("Programme", 1, 0)]


def test_a_browser_is_sent_back_once_to_get_a_name() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)

    first = stage.browser.post(f"{stage.path}/choose", {field(standing): "1"})
    without_cookies = Client().post(first["Location"], {field(standing): "1"})

    assert (first.status_code, first["Location"]) == (307, f"{stage.path}/choose?visit=1")
    assert without_cookies.status_code == 303


def test_a_second_click_before_the_first_answer_finds_the_same_cart() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event, quantity=1)
    values = {field(standing): "1"}
    stage.browser.post(f"{stage.path}/choose", values)

    first = stage.browser.post(f"{stage.path}/choose", values)
    del stage.browser.cookies[f"kassa_cart_{stage.organization.id.hex}"]
    second = stage.browser.post(f"{stage.path}/choose", values)

    assert first["Location"] == second["Location"]
    assert places(standing.quota_id) == (1, 0)


def test_a_changed_choice_takes_the_place_of_the_one_before() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)

    stage.choose({field(standing): "2"})
    stage.choose({field(standing): "1"})

    assert stage.held() == [("Standing", 1, 0)]


def test_what_is_too_many_is_said_beside_it_and_stays_written() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event, quantity=3)

    answer = stage.choose({field(standing): "5", "coupon": "SAVE"})

    assert answer.status_code == 409
    shown = text_of(answer)
    assert "Only 3 of “Standing” are left. Choose fewer." in shown
    assert 'value="5"' in shown
    assert 'value="SAVE"' in shown
    assert (stage.held(), places(standing.quota_id)) == ([], (0, 0))


def test_a_coupon_that_is_not_good_undoes_the_whole() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)
    other = make_coupon(stage.organization, events=(make_event(stage.organization),))

    answer = stage.choose({field(standing): "2", "coupon": other.code})

    assert answer.status_code == 409
    assert "This coupon doesn’t apply to anything in your order." in text_of(answer)
    assert stage.held() == []


def test_nothing_chosen_and_nonsense_are_said_in_words() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)

    empty = stage.choose({field(standing): "0"})
    nonsense = stage.choose({field(standing): "two"})
    unknown = stage.choose({f"type-{new_id()}": "1"})

    assert [answer.status_code for answer in (empty, nonsense, unknown)] == [422, 422, 422]
    assert "Choose something first." in text_of(empty)
    assert "Enter a whole number." in text_of(nonsense)
    assert 'value="two"' in text_of(nonsense)
    assert "Something you chose is no longer on sale." in text_of(unknown)
    assert stage.held() == []


def test_tickets_of_another_event_cannot_be_had_here() -> None:
    stage = Stage()
    make_ticket_type(stage.event)
    elsewhere = make_ticket_type(make_event(stage.organization))

    answer = stage.choose({field(elsewhere): "1"})

    assert answer.status_code == 422
    assert stage.held() == []


def test_errors_are_told_in_french() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)

    answer = stage.choose({field(standing): "0"}, HTTP_ACCEPT_LANGUAGE="fr")

    assert "Choisissez d\N{RIGHT SINGLE QUOTATION MARK}abord quelque chose." in text_of(answer)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://["])
def test_a_form_of_another_site_is_refused(origin: str) -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)

    answer = stage.choose({field(standing): "1"}, HTTP_ORIGIN=origin)

    assert answer.status_code == 403
    assert stage.held() == []


def test_seats_are_chosen_by_rank_or_identifier_each_with_its_ticket_type() -> None:
    stage = Stage(kind="trip", origin="A", destination="B", ends_at=utc_now() + timedelta(days=31))
    adult, child = stage.seat_coach()
    a, b, c, *_ = stage.seats()

    stage.choose({"seat": [f"{a.rank}:{adult.id}", f"{b.id}:{child.id}", str(c.rank), ""]})

    assert stage.held() == [("Adult", 2, 2), ("Child", 1, 1)]
    assert [status for status, _ in states(a, b, c)] == ["held", "held", "held"]


def test_a_seat_that_is_gone_leaves_the_choice_with_a_sentence() -> None:
    stage = Stage()
    stage.seat_hall()
    a, b, *_ = stage.seats()
    Stage.choose(stage, {"seat": str(a.rank)})
    other = Stage.__new__(Stage)
    other.__dict__.update(stage.__dict__, browser=Client())

    answer = other.choose({"seat": [str(a.rank), str(b.rank)]})

    assert answer.status_code == 409
    shown = text_of(answer)
    assert f"Stalls, row A, seat {a.number} has just been taken. Choose another seat." in shown
    assert f'value="{b.rank}:' in shown
    assert f'value="{a.rank}:' not in shown
    assert [status for status, _ in states(a, b)] == ["held", "available"]


NOBODYS_SEAT = "01a1fda9-9d67-70f8-bd57-c5b5260237e7"


@pytest.mark.parametrize("seat", ["99999", "-1", "nonsense", NOBODYS_SEAT, "1:nonsense:2", "٣"])
def test_a_seat_that_is_none_is_refused_in_words(seat: str) -> None:
    stage = Stage()
    stage.seat_hall()

    answer = stage.choose({"seat": seat})

    assert answer.status_code in (303, 422)
    assert (answer.status_code == 303) == seat.startswith("1:")


def test_best_seats_are_side_by_side() -> None:
    stage = Stage()
    front, _ = stage.seat_hall()

    stage.choose({field(front, "best"): "3"})

    held = [seat for seat in stage.seats() if seat.status == "held"]
    assert stage.held() == [("Front row", 3, 3)]
    assert {seat.block for seat in held} == {held[0].block}


def test_more_seats_than_one_order_takes_are_refused_beside_the_seats() -> None:
    stage = Stage()
    stage.seat_hall()
    back = [seat for seat in stage.seats() if seat.category == "back"]

    answer = stage.choose({"seat": [str(seat.rank) for seat in back[:5]]})

    assert answer.status_code == 409
    assert "One order takes at most 4 of “Seat”." in text_of(answer)
    assert stage.held() == []


def test_who_was_not_let_in_goes_to_the_waiting_room_and_comes_back_with_the_choice() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)
    make_room(stage.event, now=utc_now(), starts_at=utc_now() - timedelta(minutes=1), is_paused=True)
    clear_caches()

    answer = stage.choose({field(standing): "2"})

    assert answer.status_code == 303
    assert f"/waiting/{stage.organization.slug}/{stage.event.id}?next=" in answer["Location"]
    assert unquote(answer["Location"]).endswith(f"#{field(standing)}=2")
    assert stage.held() == []
    clear_caches()


def test_a_hidden_type_is_had_with_the_organisers_link() -> None:
    stage = Stage()
    guest = make_ticket_type(stage.event, name="Guest list", is_hidden=True, quantity=1)

    plain = stage.browser.get(stage.path, follow=True)
    page = stage.browser.get(stage.path, {"ticket": str(guest.id)}, follow=True)
    stage.choose({field(guest): "1", "ticket": str(guest.id)})
    again = stage.choose({field(guest): "2", "ticket": str(guest.id)})

    assert field(guest) not in text_of(plain)
    assert field(guest) in text_of(page)
    assert stage.held() == [("Guest list", 1, 0)]
    assert field(guest) in text_of(again)


def test_what_cannot_be_had_yet_or_any_more_says_so() -> None:
    stage = Stage()
    later = utc_now() + timedelta(days=1)
    make_ticket_type(stage.event, name="Later", sales_start_at=later)
    make_ticket_type(stage.event, name="Over", sales_end_at=utc_now() - timedelta(days=1))
    make_ticket_type(stage.event, name="Gone", is_sold_out=True)
    make_ticket_type(stage.event, name="Gift", price="0", is_free=True, quantity=4)
    make_ticket_type(stage.event, name="Backstage", requires_approval=True, min_per_order=2)

    shown = text_of(stage.browser.get(stage.path, follow=True))

    for sentence in (
        "Sale ended",
        "Sold out",
        "Free",
        "Only 4 left",
        "On request: the organiser confirms it before you pay.",
        "At least 2 in one order",
    ):
        assert sentence in shown


def test_the_page_of_a_refusal_leads_back_when_it_is_loaded_again() -> None:
    stage = Stage()

    answer = stage.browser.get(f"{stage.path}/choose", {"lang": "fr"})

    assert answer.status_code == 302
    assert answer["Location"].endswith("?lang=fr")


def test_a_product_alone_is_chosen_in_the_same_way() -> None:
    stage = Stage()
    poster = make_product(stage.organization, stock=2)
    path = f"/{stage.organization.slug}/products/{poster.id}"

    too_many = stage.choose({field(poster): "3"}, path)
    answer = stage.choose({field(poster): "2"}, path)

    assert (too_many.status_code, answer.status_code) == (409, 303)
    assert "Only 2 of “Poster” are left." in text_of(too_many)
    assert stage.held() == [("Poster", 2, 0)]


def test_the_price_is_that_of_the_sale_with_coupon_and_fees() -> None:
    stage = Stage()
    OrganizationSettings.objects.of(stage.organization.id).update(service_fee_fixed=Decimal("1.50"))
    standing = make_ticket_type(stage.event)
    code = make_coupon(stage.organization).code

    def price(**more: str) -> Any:
        return stage.browser.post(f"{stage.path}/price", {field(standing): "2", **more}).json()

    good, wrong = price(coupon=code), price(coupon="NONE")

    assert good["total"] == "2 tickets · €82.50"
    assert "\N{MINUS SIGN}€9.00" in good["sum"]
    assert good["problems"] == {}
    assert wrong["total"] == "2 tickets · €91.50"
    assert wrong["problems"] == {"coupon": "There is no coupon with this code. Please check for typos."}
    assert (stage.held(), places(standing.quota_id)) == ([], (0, 0))


@pytest.mark.parametrize("way", ["choose?visit=1", "price"])
def test_a_coupon_that_no_text_can_be_is_not_looked_for(way: str) -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event)
    clear_caches()

    answer = stage.browser.post(f"{stage.path}/{way}", {field(standing): "1", "coupon": "NO\0NE"})

    assert "There is no coupon with this code." in text_of(answer)
    assert stage.held() == []


def test_the_price_of_nothing_is_empty_and_of_too_many_a_sentence() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event, max_per_order=2)
    address = f"{stage.path}/price"

    nothing = stage.browser.post(address, {}).json()
    too_many = stage.browser.post(address, {field(standing): "3"}).json()

    assert nothing == {"sum": "", "total": "", "problems": {}}
    assert too_many["problems"] == {field(standing): "One order takes at most 2 of “Standing”."}


def test_two_browsers_want_the_last_ticket_and_one_gets_it() -> None:
    stage = Stage()
    standing = make_ticket_type(stage.event, quantity=1)
    clear_caches()

    def click(nth: int) -> int:
        answer = Client().post(f"{stage.path}/choose?visit=1", {field(standing): "1"})
        return int(answer.status_code)

    assert sorted(race(2, click)) == [303, 409]
    assert places(standing.quota_id) == (1, 0)


def test_two_browsers_want_one_seat_and_one_gets_it() -> None:
    stage = Stage()
    stage.seat_hall()
    wanted = stage.seats()[0]
    clear_caches()

    def click(nth: int) -> int:
        answer = Client().post(f"{stage.path}/choose?visit=1", {"seat": str(wanted.rank)})
        return int(answer.status_code)

    assert sorted(race(2, click)) == [303, 409]
    assert [status for status, _ in states(wanted)] == ["held"]
    assert len(stage.held()) == 1


def test_seats_come_first_and_then_what_goes_with_them() -> None:
    ends_at = utc_now() + timedelta(days=31)
    stage = Stage(kind="trip", origin="Leeds", destination="Edinburgh", ends_at=ends_at)
    make_ticket_type(stage.event, name="Bicycle space", is_addon=True)
    stage.seat_coach()
    make_ticket_type(stage.event, name="Standing place")
    make_product(stage.organization, event=stage.event, name="Pillow")

    page = text_of(stage.browser.get(stage.path, follow=True))

    names = ("Adult", "Child", "Standing place", "Bicycle space", "Pillow")
    rows = [page.index(f">{name}</p>") for name in names]
    assert rows == sorted(rows)


def test_addon_alone_is_said_beside_it_and_stays_written() -> None:
    stage = Stage()
    make_ticket_type(stage.event)
    bicycle = make_ticket_type(stage.event, name="Bicycle space", is_addon=True)

    answer = stage.choose({field(bicycle): "1"})

    assert answer.status_code == 409
    shown = text_of(answer)
    assert "“Bicycle space” goes with a ticket: choose a ticket as well." in shown
    assert 'value="1"' in shown
    assert stage.held() == []
