"""A cart says in columns which browser opened it and what it repeats; a client's session id says nothing."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.organizations.models import Organization
from kassa.sales.domain.browser_carts import is_of_another_browser, is_of_browser
from kassa.sales.domain.cart_again import choose_cart_again, choose_order_again, order_before
from kassa.sales.domain.choose import Choice, choose
from kassa.sales.domain.outcome import Placed
from kassa.sales.models import Cart
from tests.sales.carts import a_cart, convert, items_of, seated
from tests.support.factories import line, make_actor, make_event, make_organization, make_ticket_type

migration = import_module("kassa.sales.migrations.0004_browsers_of_carts")

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]
NOW = utc_now()
LATER = NOW + timedelta(hours=1)
BROWSER, OTHER = "A" * 22, "B" * 22


def a_choice(organization: Organization, *, best: bool = False) -> Choice:
    event = make_event(organization)
    wanted = line(seated(event), 2, best_available=True) if best else line(make_ticket_type(event))
    return Choice(lines=(wanted,), currency="EUR", event_id=event.id)


def test_session_id_of_a_client_makes_no_cart_of_a_browser() -> None:
    organization = make_organization()
    choice = a_choice(organization)
    forged = a_cart(organization, *choice.lines, session_id=f"shop:{BROWSER}", now=NOW)
    own = choose(CommandContext.system(organization.id, now=NOW), choice, cart_id=None, browser=BROWSER)

    assert own != forged
    carts = {cart.id: cart for cart in Cart.objects.of(organization.id)}
    assert [is_of_browser(carts[cart_id], BROWSER) for cart_id in (own, forged)] == [True, False]
    assert is_of_another_browser(carts[own], OTHER)
    assert not is_of_another_browser(carts[forged], OTHER)
    assert (
        choose(CommandContext.system(organization.id, now=NOW), choice, cart_id=None, browser=BROWSER) == own
    )  # the control


def test_session_id_of_a_client_repeats_no_order() -> None:
    organization = make_organization()
    choice = a_choice(organization)
    placed = convert(make_actor(organization), a_cart(organization, *choice.lines, now=NOW), now=NOW)
    assert isinstance(placed, Placed)
    session = f"again:{placed.order_id}:{BROWSER}"
    forged = a_cart(organization, *choice.lines, session_id=session, now=NOW)
    again = choose_order_again(
        CommandContext.system(organization.id, now=LATER), placed.order_id, browser=BROWSER
    )

    assert again.cart_id not in (None, forged)
    assert order_before(organization.id, Cart.unscoped.get(id=forged)) is None
    assert order_before(organization.id, Cart.unscoped.get(id=again.cart_id)) is not None  # the control


def test_only_carts_of_browsers_repeat_one_thing() -> None:
    organization = make_organization()
    cart_id = a_cart(organization, now=NOW)
    cart = Cart.objects.of(organization.id).filter(id=cart_id)

    with pytest.raises(IntegrityError, match="sales_cart_repeats"):
        cart.update(repeats_cart_id=cart_id)
    assert cart.update(repeats_cart_id=cart_id, browser=BROWSER) == 1  # the control


def test_nothing_of_another_organisation_is_repeated() -> None:
    organization, other = make_organization(), make_organization()
    own, foreign = a_cart(organization, now=NOW), a_cart(other, now=NOW)
    bought = convert(make_actor(other), a_cart(other, *a_choice(other).lines, now=NOW), now=NOW)
    assert isinstance(bought, Placed)
    carts = Cart.objects.of(organization.id).filter(id=own)

    with pytest.raises(IntegrityError, match="sales_cart_repeats_cart"):
        carts.update(repeats_cart_id=foreign, browser=BROWSER)
    with pytest.raises(IntegrityError, match="sales_cart_repeats_order"):
        carts.update(repeats_order_id=bought.order_id, browser=BROWSER)


def test_carts_of_earlier_versions_say_the_same_in_columns() -> None:
    organization = make_organization()
    choice = a_choice(organization, best=True)
    ended = choose(CommandContext.system(organization.id, now=NOW), choice, cart_id=None, browser=BROWSER)
    placed = convert(make_actor(organization), a_cart(organization, *choice.lines, now=NOW), now=NOW)
    assert isinstance(placed, Placed)
    after_cart = choose_cart_again(
        CommandContext.system(organization.id, now=LATER), ended, browser=OTHER
    ).cart_id
    after_order = choose_order_again(
        CommandContext.system(organization.id, now=LATER), placed.order_id, browser=OTHER
    ).cart_id
    assert after_cart is not None
    assert after_order is not None
    sessions = {
        ended: f"shop:{BROWSER}",
        after_cart: f"again:{ended}:{OTHER}",
        after_order: f"again:{placed.order_id}:{OTHER}",
        a_cart(organization, now=NOW): "shop:window",
        a_cart(organization, now=NOW): f"again:{uuid4()}:{BROWSER}",
    }
    _, _, _, of_client, of_nothing = sessions
    carts = Cart.objects.of(organization.id)
    expected = dict(carts.values_list("id", "browser").order_by("id"))
    marked = [(item.is_best_available, item.metadata) for item in items_of(ended)]
    assert marked == [(True, {})]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sales_cart SET browser = '', repeats_cart_id = NULL, repeats_order_id = NULL")
        cursor.execute(
            "UPDATE sales_cartitem SET is_best_available = FALSE, metadata = '{\"best_available\": true}' "
            "WHERE is_best_available"
        )
        for cart_id, session in sessions.items():
            cursor.execute("UPDATE sales_cart SET session_id = %s WHERE id = %s", [session, cart_id])

        cursor.execute(migration.FILL)

    assert dict(carts.values_list("id", "browser")) == {**expected, of_nothing: BROWSER}
    assert dict(carts.exclude(session_id="").values_list("id", "session_id")) == {of_client: "shop:window"}
    repeats = carts.exclude(repeats_cart=None, repeats_order=None).order_by("id")
    assert list(repeats.values_list("id", "repeats_cart_id", "repeats_order_id")) == [
        (after_cart, ended, None),
        (after_order, None, placed.order_id),
    ]
    assert [(item.is_best_available, item.metadata) for item in items_of(ended)] == marked
