"""The time is over between looking and ordering: nothing that was typed is lost, the same is chosen again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from kassa.core.clock import utc_now
from kassa.sales.models import Cart
from kassa.storefront.visitors.carts import read_cart_token
from tests.storefront.checkout.world import ADA, Till, a_file, a_sale, a_till, text_of, value_of
from tests.support.factories import line, make_event, make_question, make_ticket_type

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


def new_cart(till: Till, answer: Any) -> Cart:
    """Return the cart to whose checkout a page's form now leads."""
    [action] = re.findall(r'<form id="checkout"[^>]*action="([^"]+)"', answer.content.decode())
    token = action.rpartition("/")[2]
    return Cart.unscoped.get(id=read_cart_token(till.organization.id, token))


def active_carts(till: Till) -> int:
    now = utc_now()
    return Cart.objects.of(till.organization.id).filter(status="active", expires_at__gt=now).count()


@pytest.mark.parametrize(
    ("language", "over", "again"),
    [
        ("en", "Your time ran out", "Order the same again"),
        ("fr", "Votre temps est écoulé", "Commander à nouveau"),
    ],
)
def test_order_that_comes_too_late_keeps_what_was_typed(language: str, over: str, again: str) -> None:
    till = a_sale(2)
    till.language = language
    till.get()
    till.expire()

    refused = till.order(notes="At the door.")

    assert refused.status_code == 409
    assert over in text_of(refused)
    assert again in text_of(refused)
    assert value_of(refused, "email") == "ada@example.com"
    assert value_of(refused, "notes") == "At the door."
    assert 'value="order"' not in refused.content.decode()
    assert till.orders() == []


def test_same_again_goes_on_with_all_that_was_typed() -> None:
    till = a_till()
    student = make_ticket_type(till.event, name="Student")
    make_question(till.event, "card", kind="file", is_required=True)
    make_question(till.event, "club")
    till.fill(line(student, 2))
    names = {f"t-{student.id}-1-first_name": "Bea", f"t-{student.id}-0-answer-club": "Rowing"}
    till.expire()
    late = till.order(**names, **{f"t-{student.id}-{nth}-answer-card": a_file() for nth in (0, 1)})
    kept = {
        f"t-{student.id}-{nth}-answer-card-kept": value_of(late, f"t-{student.id}-{nth}-answer-card-kept")
        for nth in (0, 1)
    }

    shown = till.post("again", **ADA, **names, **kept, provider="manual")
    assert shown.status_code == 200
    assert value_of(shown, "email") == "ada@example.com"
    assert value_of(shown, f"t-{student.id}-1-first_name") == "Bea"
    assert value_of(shown, f"t-{student.id}-0-answer-club") == "Rowing"
    cart = new_cart(till, shown)
    till.cart_id = cart.id
    assert till.order(**names, **kept).status_code == 303

    assert len(till.orders()) == 1


def test_same_again_twice_is_one_cart() -> None:
    till = a_sale(2)
    till.expire()

    first, second = till.post("again", **ADA), till.post("again", **ADA)

    assert new_cart(till, first) == new_cart(till, second)
    assert active_carts(till) == 1


def test_what_is_gone_is_said() -> None:
    till = a_sale(2, fields={"quantity": 3})
    kind = till.items()[0].ticket_type
    assert kind is not None
    till.expire()
    first = till.cart_id
    till.fill(line(kind, 2))
    till.cart_id = first

    shown = till.post("again", **ADA)

    assert "Not everything is still available" in text_of(shown)
    assert "Only 1 of “Standing” is left. Choose fewer." in text_of(shown)
    assert [item.quantity for item in new_cart(till, shown).items.all()] == [1]


def test_nothing_is_left() -> None:
    till = a_sale()
    till.expire()
    type(till.event).unscoped.filter(id=till.event.id).update(status="cancelled")

    shown = till.post("again", **ADA)

    assert shown.status_code == 409
    assert "“Standing” is no longer on sale: the event has been cancelled." in text_of(shown)
    assert value_of(shown, "email") == "ada@example.com"
    assert active_carts(till) == 0


def test_page_of_an_expired_cart_can_be_read_and_cannot_be_changed() -> None:
    till = a_sale(2)
    till.expire()

    shown = till.get()
    assert shown.status_code == 200
    assert "Order the same again" in text_of(shown)
    for do in ("extend", "coupon", f"remove:{till.items()[0].id}"):
        assert till.post(do, coupon="X", **ADA).status_code == 409

    assert [item.quantity for item in till.items()] == [2]


def test_countdown_says_how_long() -> None:
    till = a_sale(event={"time_zone": "Europe/Paris"})
    expires_at = utc_now() + timedelta(minutes=12, seconds=30)
    Cart.unscoped.filter(id=till.cart_id).update(expires_at=expires_at)

    shown = text_of(till.get())

    assert "13 minutes" in shown


def test_booking_twice_is_refused_plainly() -> None:
    till = a_till()
    course = make_event(till.organization, title="Pottery", one_per_customer=True)
    kind = make_ticket_type(course)
    till.fill(line(kind))
    assert till.order().status_code == 303
    till.fill(line(kind))

    refused = till.order()
    till.language = "fr"
    en_francais = till.order()

    sentence = "You have already booked “Pottery”, and only one booking per person is allowed."
    assert refused.status_code == 409
    assert sentence in text_of(refused)
    assert "Vous avez déjà réservé" in text_of(en_francais)
    assert len(till.orders()) == 1
    assert till.order(email="bea@example.com").status_code == 303
