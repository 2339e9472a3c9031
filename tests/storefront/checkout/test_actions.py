"""What the buttons beside the order do, said twice or once, and what stays of what was typed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kassa.catalog.models import TicketType
from kassa.core.clock import utc_now
from kassa.sales.domain.cart_order import order_cart
from kassa.sales.models import Cart
from tests.sales.carts import seated, seats_of
from tests.storefront.checkout.world import ADA, Till, a_sale, a_till, text_of, value_of
from tests.support.factories import (
    line,
    make_coupon,
    make_event,
    make_organization,
    make_product,
    make_ticket_type,
    places,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


def cart_of(till: Till) -> Cart:
    return Cart.unscoped.get(id=till.cart_id)


def typed(till: Till, quantity: int, nth: int = 0) -> dict[str, Any]:
    return {f"n-{till.items()[nth].id}": str(quantity)}


def test_coupon_takes_effect_at_once_and_goes_again() -> None:
    till = a_sale(2)
    coupon = make_coupon(till.organization)

    applied = till.post("coupon", coupon=f" {coupon.code.lower()} ", email="ada@exam")
    assert applied.status_code == 200
    assert "Your coupon has been applied." in text_of(applied)
    assert "Pay €81.00" in text_of(applied)
    assert value_of(applied, "email") == "ada@exam"
    assert value_of(applied, "coupon") == ""
    removed = till.post("no-coupon")

    assert "Pay €90.00" in text_of(removed)
    assert cart_of(till).coupon_code is None


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "There is no coupon with this code. Please check for typos."),
        ("fr", "Aucun code promo ne correspond. Vérifiez votre saisie."),
    ],
)
def test_coupon_that_is_refused_stays_in_its_field(language: str, sentence: str) -> None:
    till = a_sale()
    till.language = language

    refused = till.post("coupon", coupon="NOPE", first_name="Ada")

    assert refused.status_code == 409
    assert f'<p class="error" id="coupon-error">{sentence}</p>' in refused.content.decode()
    assert (value_of(refused, "coupon"), value_of(refused, "first_name")) == ("NOPE", "Ada")
    assert cart_of(till).coupon_code is None


def test_coupon_that_was_typed_and_not_applied_changes_the_total_before_the_order() -> None:
    till = a_sale(2)
    coupon = make_coupon(till.organization)

    shown = till.order(coupon=coupon.code)
    assert (shown.status_code, till.orders()) == (409, [])
    assert "The total has changed. Please check it and order again." in text_of(shown)
    assert "Pay €81.00" in text_of(shown)
    assert till.order(coupon="NOPE").status_code == 409
    assert till.order().status_code == 303

    assert till.orders()[0].coupon_code == coupon.code


def test_price_that_changes_after_the_page_has_looked_is_shown_before_the_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    till = a_sale(2)

    def order_later(*args: Any, **given: Any) -> Any:
        TicketType.unscoped.update(price=Decimal("46.00"))
        return order_cart(*args, **given)

    monkeypatch.setattr("kassa.storefront.checkout.place.order_cart", order_later)

    shown = till.order(total=value_of(till.get(), "total"))
    assert (shown.status_code, till.orders()) == (409, [])
    assert "The total has changed. Please check it and order again." in text_of(shown)
    assert till.order(total=value_of(shown, "total")).status_code == 303
    assert [order.total for order in till.orders()] == [Decimal("92.00")]


def test_coupon_that_is_gone_meanwhile_is_told_beside_it() -> None:
    till = a_sale()
    coupon = make_coupon(till.organization)
    till.post("coupon", coupon=coupon.code)
    type(coupon).unscoped.filter(id=coupon.id).update(is_active=False)

    assert "This coupon is no longer valid." in text_of(till.get())
    refused = till.order()

    assert (refused.status_code, till.orders()) == (409, [])
    assert "This coupon is no longer valid." in text_of(refused)


def test_quantity_changes_and_says_what_is_left() -> None:
    till = a_sale(2, fields={"quantity": 3})
    quota = till.items()[0].quota_ids[0]

    more = till.post("change", **typed(till, 3))
    assert "Your order has been updated." in text_of(more)
    assert "Pay €135.00" in text_of(more)
    refused = till.post("change", email="ada@exam", **typed(till, 4))
    assert refused.status_code == 409
    assert "Only 3 of “Standing” are left. Choose fewer." in text_of(refused)
    assert value_of(refused, "email") == "ada@exam"
    assert till.post("change", **typed(till, 1)).status_code == 200

    assert places(quota) == (1, 0)


def test_quantity_that_was_typed_and_not_sent_changes_the_total_before_the_order() -> None:
    till = a_sale(2)

    shown = till.order(**typed(till, 3))

    assert (shown.status_code, till.orders()) == (409, [])
    assert "Pay €135.00" in text_of(shown)


def test_limit_is_told_beside_its_line() -> None:
    till = a_sale(2, fields={"max_per_order": 2})

    refused = till.post("change", **typed(till, 3))

    item = till.items()[0].id
    sentence = "One order takes at most 2 of “Standing”."
    assert f'<p class="error" id="line-{item}-error">{sentence}</p>' in refused.content.decode()
    assert [one.quantity for one in till.items()] == [2]


def test_nothing_of_a_line_takes_it_away_and_the_last_one_empties_the_cart() -> None:
    till = a_sale()
    till_path = till.path

    answer = till.post("change", **typed(till, 0))

    assert "Your cart is empty" in text_of(answer)
    assert till.items() == []
    assert "Your cart is empty" in text_of(till.post("remove:x", path=till_path))


def test_line_is_removed_once() -> None:
    till = a_till()
    till.fill(line(make_ticket_type(till.event)), line(make_product(till.organization)))
    first = till.items()[0].id

    assert "Your order has been updated." in text_of(till.post(f"remove:{first}"))
    again = till.post(f"remove:{first}")

    assert again.status_code == 200
    assert len(till.items()) == 1


def test_single_seats_are_given_back() -> None:
    till = a_till()
    front = seated(till.event)
    seats = [seat.id for seat in seats_of(till.event)[:2]]
    till.fill(line(front, 2, seat_ids=tuple(seats)), line(make_product(till.organization)))
    item = till.items()[0].id

    till.post(f"unseat:{item}:{seats[0]}")
    till.post(f"unseat:{item}:{seats[0]}")
    assert [one.seat_ids for one in till.items()] == [[seats[1]], []]
    till.post(f"unseat:{item}:{seats[1]}")

    assert [one.product_id is None for one in till.items()] == [False]
    assert {seat.status for seat in seats_of(till.event)} == {"available"}


def test_what_goes_well_with_it_is_added_once() -> None:
    till = a_sale()
    programme = make_product(till.organization, event=till.event, name="Programme")
    make_product(till.organization, event=till.event, name="Gone", stock=0)

    shown = text_of(till.get())
    assert "Programme €12.50" in shown
    assert "Gone" not in shown
    added = till.post(f"add:{programme.id}", email="ada@exam")
    till.post(f"add:{programme.id}")

    assert "Pay €57.50" in text_of(added)
    assert value_of(added, "email") == "ada@exam"
    assert [item.quantity for item in till.items()] == [1, 1]


def test_what_belongs_to_another_event_is_not_added() -> None:
    till = a_sale()
    elsewhere = make_event(till.organization, visibility="private")
    secret = make_product(till.organization, event=elsewhere, name="Secret")
    foreign = make_product(make_organization(), name="Foreign")

    answers = [till.post(f"add:{product.id}") for product in (secret, foreign)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [item.product_id for item in till.items()] == [None]


def test_hold_is_extended_once() -> None:
    till = a_sale()
    soon = utc_now() + timedelta(minutes=3)
    Cart.unscoped.filter(id=till.cart_id).update(expires_at=soon)
    assert 'class="countdown soon"' in till.get().content.decode()

    longer = till.post("extend", email="ada@exam")
    expires_at = cart_of(till).expires_at
    assert "You have more time now." in text_of(longer)
    assert 'value="extend"' not in longer.content.decode()
    assert expires_at > soon
    refused = till.post("extend")

    assert refused.status_code == 409
    assert "Your time has already been extended once" in text_of(refused)
    assert cart_of(till).expires_at == expires_at


def test_price_that_changed_is_shown_before_it_is_paid() -> None:
    till = a_sale()
    total = value_of(till.get(), "total")
    item = till.items()[0]
    type(item.ticket_type).unscoped.filter(id=item.ticket_type_id).update(price=50)

    shown = till.post("order", total=total, provider="manual", **ADA)

    assert (shown.status_code, till.orders()) == (409, [])
    assert "Pay €50.00" in text_of(shown)
    assert value_of(shown, "email") == "ada@example.com"
    assert till.post("order", total=value_of(shown, "total"), provider="manual", **ADA).status_code == 303
