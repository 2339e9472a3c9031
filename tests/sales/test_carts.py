"""Carts hold what they say until their time is over, and under the rules of an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from kassa.catalog.models import Event, TicketType, TicketTypeQuota
from kassa.core.command_context import CommandContext
from kassa.inventory.enums import QuotaKind
from kassa.organizations.models import Organization
from kassa.sales.domain.cart_details import extend_cart, remove_coupon, set_coupon, set_customer
from kassa.sales.domain.cart_errors import CartFull, HoldExtended
from kassa.sales.domain.cart_items import ItemChange, NewItem, change_item, put_items, remove_item
from kassa.sales.domain.carts import abandon_cart
from kassa.sales.domain.expire import release_all_overdue
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import Customer, RequestedLine
from kassa.sales.errors import (
    AlreadyBooked,
    CartClosed,
    CustomerUnknown,
    ItemUnknown,
    LimitPerOrder,
    MixedCurrencies,
    SalesEnded,
    SoldOut,
)
from kassa.sales.models import Cart
from tests.sales.carts import (
    ADA,
    HOLD,
    a_cart,
    convert,
    items_of,
    put,
    seated,
    serialized_cart,
    snapshot,
    states,
)
from tests.support.factories import (
    line,
    make_actor,
    make_coupon,
    make_event,
    make_organization,
    make_product,
    make_quota,
    make_ticket_type,
    order_request,
    places,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("books_balance")]


def test_opened_cart_holds_its_places_until_the_hold_is_over(
    organization: Organization, event: Event, now: datetime
) -> None:
    standing, poster = make_ticket_type(event), make_product(organization)

    cart_id = a_cart(organization, line(standing, 2), line(poster), now=now, session_id="visit")

    cart = Cart.unscoped.get(id=cart_id)
    assert (cart.status, cart.session_id, cart.currency) == ("active", "visit", "EUR")
    assert cart.expires_at == now + HOLD
    assert (places(standing.quota_id), places(poster.quota_id)) == ((2, 0), (1, 0))


def test_hold_lasts_as_long_as_the_organisation_says(now: datetime) -> None:
    organization = make_organization(hold_minutes=7)

    cart_id = a_cart(organization, now=now)

    assert Cart.unscoped.get(id=cart_id).expires_at == now + timedelta(minutes=7)


def test_cart_that_cannot_have_its_lines_is_not_opened(
    organization: Organization, event: Event, now: datetime
) -> None:
    plenty, scarce = make_ticket_type(event), make_ticket_type(event, quantity=1)

    with pytest.raises(SoldOut) as refused:
        a_cart(organization, line(plenty, 2), line(scarce, 2), now=now)

    assert refused.value.details == {"line": 1, "item": str(scarce.id), "left": 1}
    assert not Cart.unscoped.exists()
    assert (places(plenty.quota_id), places(scarce.quota_id)) == ((0, 0), (0, 0))


def test_user_who_does_not_exist_opens_no_cart(organization: Organization, now: datetime) -> None:
    for fields in ({"user_id": uuid4()}, {"customer": Customer(email="a@b", user_id=uuid4())}):
        with pytest.raises(CustomerUnknown):
            a_cart(organization, now=now, **fields)
    assert not Cart.unscoped.exists()


def test_each_change_makes_a_later_version(organization: Organization, event: Event, now: datetime) -> None:
    standing = make_ticket_type(event)
    coupon = make_coupon(organization)
    cart_id = a_cart(organization, line(standing), now=now)
    item_id = items_of(cart_id)[0].id
    changes: list[Callable[[], object]] = [
        lambda: put(organization, cart_id, line(standing), now=now),
        lambda: change_item(
            CommandContext.system(organization.id, now=now), cart_id, item_id, ItemChange(quantity=2)
        ),
        lambda: set_coupon(CommandContext.system(organization.id, now=now), cart_id, coupon.code),
        lambda: remove_coupon(CommandContext.system(organization.id, now=now), cart_id),
        lambda: set_customer(CommandContext.system(organization.id, now=now), cart_id, ADA),
        lambda: remove_item(CommandContext.system(organization.id, now=now), cart_id, item_id),
        lambda: extend_cart(CommandContext.system(organization.id, now=now), cart_id),
    ]
    versions = [Cart.unscoped.get(id=cart_id).updated_at]

    for change in changes:
        change()
        versions.append(Cart.unscoped.get(id=cart_id).updated_at)

    assert versions == sorted(set(versions))


def test_change_does_not_extend_the_hold(organization: Organization, event: Event, now: datetime) -> None:
    standing = make_ticket_type(event)
    cart_id = a_cart(organization, line(standing), now=now)

    put(organization, cart_id, line(standing), now=now + timedelta(minutes=10))

    assert Cart.unscoped.get(id=cart_id).expires_at == now + HOLD


def test_limit_counts_over_the_whole_cart(organization: Organization, event: Event, now: datetime) -> None:
    standing = make_ticket_type(event, max_per_order=3)
    cart_id = a_cart(organization, line(standing, 2), now=now)
    before = snapshot(cart_id)

    with pytest.raises(LimitPerOrder):
        put(organization, cart_id, line(standing, 2), now=now)

    assert snapshot(cart_id) == before
    assert places(standing.quota_id) == (2, 0)
    put(organization, cart_id, line(standing, 1), now=now)
    assert places(standing.quota_id) == (3, 0)


def test_cart_takes_one_currency_and_another_once_it_is_empty(
    organization: Organization, event: Event, now: datetime
) -> None:
    standing, poster = make_ticket_type(event), make_product(organization, currency="USD")
    cart_id = a_cart(organization, line(standing), now=now)

    with pytest.raises(MixedCurrencies):
        put(organization, cart_id, line(poster), now=now)
    assert places(poster.quota_id) == (0, 0)
    remove_item(CommandContext.system(organization.id, now=now), cart_id, items_of(cart_id)[0].id)
    assert Cart.unscoped.get(id=cart_id).currency is None
    put(organization, cart_id, line(poster), now=now)

    assert Cart.unscoped.get(id=cart_id).currency == "USD"


def test_cart_holds_as_many_items_as_an_order_has_lines(organization: Organization, now: datetime) -> None:
    *posters, another = (make_product(organization, stock=100) for _ in range(51))
    cart_id = a_cart(organization, *(line(poster) for poster in posters), now=now)

    with pytest.raises(CartFull):
        put(organization, cart_id, line(another), now=now)

    assert [places(poster.quota_id) for poster in (posters[-1], another)] == [(1, 0), (0, 0)]


def test_equal_lines_of_a_cart_join(organization: Organization, now: datetime) -> None:
    poster, shirt = make_product(organization), make_product(organization)
    cart_id = a_cart(organization, line(poster), line(shirt), line(poster, 2), now=now)

    for _ in range(3):
        put(organization, cart_id, line(poster), now=now)

    items = {item.product_id: item.quantity for item in items_of(cart_id)}
    assert (len(items_of(cart_id)), items) == (2, {poster.id: 6, shirt.id: 1})
    assert places(poster.quota_id) == (6, 0)


def test_lines_that_something_tells_apart_do_not_join(organization: Organization, now: datetime) -> None:
    poster = make_product(organization)
    cart_id = a_cart(organization, line(poster), now=now)

    for size in ("A2", "A3", "A2"):
        put_items(
            CommandContext.system(organization.id, now=now), cart_id, [NewItem(line(poster), {"size": size})]
        )

    items = sorted((item.metadata.get("size", ""), item.quantity) for item in items_of(cart_id))
    assert items == [("", 1), ("A2", 2), ("A3", 1)]


def test_no_line_grows_beyond_what_an_order_may_have(organization: Organization, now: datetime) -> None:
    poster = make_product(organization, stock=2000)
    cart_id = a_cart(organization, line(poster, 999), now=now)

    put(organization, cart_id, line(poster, 1), line(poster, 1), now=now)

    assert sorted(item.quantity for item in items_of(cart_id)) == [1, 1000]


def test_refused_line_that_would_join_says_how_many_more_there_are(
    organization: Organization, now: datetime
) -> None:
    poster = make_product(organization, stock=5)
    cart_id = a_cart(organization, line(poster, 2), now=now)

    with pytest.raises(SoldOut) as refused:
        put(organization, cart_id, line(poster, 4), now=now)

    assert refused.value.details == {"line": 0, "item": str(poster.id), "left": 3}
    assert [item.quantity for item in items_of(cart_id)] == [2]


def test_sold_out_says_how_many_the_rest_of_the_cart_leaves(
    organization: Organization, event: Event, now: datetime
) -> None:
    standing = make_ticket_type(event, quantity=5)
    cart_id = a_cart(organization, line(standing, 3), now=now)

    with pytest.raises(SoldOut) as put_refused:
        put(organization, cart_id, line(standing, 3), now=now)
    with pytest.raises(SoldOut) as change_refused:
        change_item(
            CommandContext.system(organization.id, now=now),
            cart_id,
            items_of(cart_id)[0].id,
            ItemChange(quantity=6),
        )

    assert put_refused.value.details == {"line": 0, "item": str(standing.id), "left": 2}
    assert change_refused.value.details["left"] == 5
    assert change_refused.value.details["cart_item"] == str(items_of(cart_id)[0].id)


def test_quota_shared_by_items_counts_them_together(
    organization: Organization, event: Event, now: datetime
) -> None:
    room = make_quota(organization, 5, QuotaKind.SHARED)
    adult, child = make_ticket_type(event), make_ticket_type(event)
    for each in (adult, child):
        TicketTypeQuota.unscoped.create(organization=organization, ticket_type=each, quota=room)
    cart_id = a_cart(organization, line(adult, 3), now=now)

    with pytest.raises(SoldOut) as refused:
        put(organization, cart_id, line(child, 3), now=now)
    put(organization, cart_id, line(child, 2), now=now)

    assert refused.value.details == {"line": 0, "item": str(child.id), "left": 2}
    assert (places(room.id), places(adult.quota_id), places(child.quota_id)) == ((5, 0), (3, 0), (2, 0))


def test_item_that_has_gone_off_sale_is_named_when_another_is_put_in(
    organization: Organization, event: Event, now: datetime
) -> None:
    standing, poster = make_ticket_type(event), make_product(organization)
    cart_id = a_cart(organization, line(standing), now=now)
    TicketType.unscoped.filter(id=standing.id).update(sales_end_at=now)

    with pytest.raises(SalesEnded) as refused:
        put(organization, cart_id, line(poster), now=now)

    assert "line" not in refused.value.details
    assert refused.value.details["cart_item"] == str(items_of(cart_id)[0].id)
    remove_item(CommandContext.system(organization.id, now=now), cart_id, items_of(cart_id)[0].id)
    put(organization, cart_id, line(poster), now=now)


def test_item_keeps_up_with_the_quotas_of_its_ticket_type(
    organization: Organization, event: Event, now: datetime
) -> None:
    standing = make_ticket_type(event)
    cart_id = a_cart(organization, line(standing, 2), now=now)
    other = make_quota(organization, 10)
    before = standing.quota_id
    TicketType.unscoped.filter(id=standing.id).update(quota=other)

    put(organization, cart_id, line(standing, 1), now=now)

    assert (places(before), places(other.id)) == ((0, 0), (3, 0))


def test_overdue_hold_of_another_is_released_for_a_cart(
    organization: Organization, event: Event, now: datetime
) -> None:
    scarce = make_ticket_type(event, quantity=2)
    first = a_cart(organization, line(scarce, 2), now=now)
    second = a_cart(organization, now=now + HOLD)

    put(organization, second, line(scarce, 2), now=now + HOLD)

    assert Cart.unscoped.get(id=first).status == "expired"
    assert places(scarce.quota_id) == (2, 0)


def test_order_cannot_have_what_a_cart_holds(organization: Organization, event: Event, now: datetime) -> None:
    scarce = make_ticket_type(event, quantity=2)
    a_cart(organization, line(scarce, 2), now=now)

    [outcome] = place_orders(
        organization.id, [order_request(make_actor(organization), line(scarce))], now=now
    )

    assert isinstance(outcome, SoldOut)


def test_booking_that_a_customer_has_keeps_a_second_out_of_their_cart(
    organization: Organization, now: datetime
) -> None:
    course = make_ticket_type(make_event(organization, one_per_customer=True))
    place_orders(organization.id, [order_request(make_actor(organization), line(course))], now=now)

    with pytest.raises(AlreadyBooked):
        a_cart(organization, line(course), now=now)

    a_cart(organization, line(course), now=now, customer=Customer(email="bob@example.com"))


@pytest.mark.parametrize("kind", ["unknown", "foreign", "kind"])
def test_what_is_not_on_offer_is_refused(
    organization: Organization, event: Event, now: datetime, kind: str
) -> None:
    standing = make_ticket_type(event)
    foreign = make_ticket_type(make_event(make_organization()))
    wanted = {
        "unknown": RequestedLine(item_id=uuid4(), is_product=False, quantity=1),
        "foreign": line(foreign),
        "kind": RequestedLine(item_id=standing.id, is_product=True, quantity=1),
    }[kind]
    cart_id = a_cart(organization, line(standing), now=now)
    before = snapshot(cart_id)

    with pytest.raises(ItemUnknown):
        put(organization, cart_id, wanted, now=now)

    assert snapshot(cart_id) == before


def test_expired_cart_is_closed_though_nothing_has_released_it(
    organization: Organization, event: Event, now: datetime
) -> None:
    standing = make_ticket_type(event)
    cart_id = a_cart(organization, line(standing), now=now)
    item_id, before, later = items_of(cart_id)[0].id, snapshot(cart_id), now + HOLD
    coupon = make_coupon(organization)
    actor = make_actor(organization)
    changes: list[Callable[[], object]] = [
        lambda: put(organization, cart_id, line(standing), now=later),
        lambda: change_item(
            CommandContext.system(organization.id, now=later), cart_id, item_id, ItemChange(quantity=2)
        ),
        lambda: remove_item(CommandContext.system(organization.id, now=later), cart_id, item_id),
        lambda: set_coupon(CommandContext.system(organization.id, now=later), cart_id, coupon.code),
        lambda: remove_coupon(CommandContext.system(organization.id, now=later), cart_id),
        lambda: set_customer(CommandContext.system(organization.id, now=later), cart_id, ADA),
        lambda: extend_cart(CommandContext.system(organization.id, now=later), cart_id),
        lambda: abandon_cart(CommandContext.system(organization.id, now=later), cart_id),
        lambda: convert(actor, cart_id, now=later),
    ]

    for change in changes:
        with pytest.raises(CartClosed) as refused:
            change()
        assert refused.value.details == {"cart_status": "expired"}

    assert snapshot(cart_id) == before
    assert serialized_cart(organization.id, cart_id, now=later)["status"] == "expired"
    assert serialized_cart(organization.id, cart_id, now=later - timedelta(seconds=1))["status"] == "active"


def test_expired_cart_gives_back_everything_once(
    organization: Organization, event: Event, now: datetime
) -> None:
    ticket_type = seated(event)
    cart_id = a_cart(organization, line(ticket_type, 2, best_available=True), now=now)
    seat_ids = items_of(cart_id)[0].seat_ids

    released = [release_all_overdue(now=now + HOLD) for _ in range(2)]

    assert released == [1, 0]
    assert places(ticket_type.quota_id) == (0, 0)
    assert states(*seat_ids) == [("available", None)] * 2


def test_hold_is_extended_once(organization: Organization, event: Event, now: datetime) -> None:
    cart_id = a_cart(organization, line(make_ticket_type(event)), now=now)
    later = now + timedelta(minutes=20)

    extend_cart(CommandContext.system(organization.id, now=later), cart_id)
    with pytest.raises(HoldExtended):
        extend_cart(CommandContext.system(organization.id, now=later + timedelta(minutes=1)), cart_id)

    assert Cart.unscoped.get(id=cart_id).expires_at == later + HOLD
