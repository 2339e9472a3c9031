"""Every address is asked with nothing behind it, with one thing and with many: lists, feeds, pages, files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from kassa.catalog.models import Event, Product
from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from kassa.notifications.domain.mailbox import mailbox_secret
from kassa.notifications.domain.read_feed import read_events
from kassa.notifications.domain.send import send_messages
from kassa.notifications.models import Message
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order, Ticket
from kassa.organizations.models import Organization
from kassa.payments.domain.manual_status import change_status
from kassa.storefront.visitors.carts import cart_token
from kassa.tickets.domain.links import order_token, ticket_token
from tests.contract.document import described
from tests.contract.door import make_list
from tests.contract.operations import OPERATIONS, PREFIX, Operation
from tests.contract.test_queries import LISTS
from tests.contract.world import World as ApiWorld
from tests.sales.carts import a_cart
from tests.storefront.account.visitor import make_person, signed_in
from tests.support.api_client import make_api_client
from tests.support.factories import line, make_event, make_organization, make_product, make_ticket_type
from tests.support.sale_world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys_stay_known")]

MANY = 30
"""More than a page of a list has."""
ELSEWHERE = ("api/v1/", "webhooks/", "anymail/")
"""The API is asked below; the others take only what providers send."""
NOBODY = UUID(int=0)
TRIP: dict[str, Any] = {"kind": "trip", "origin": "Bristol", "destination": "London"}
UNDATED: dict[str, Any] = {"kind": "course", "starts_at": None}


@dataclass
class Shop:
    """What stands behind the addresses of one organisation."""

    organization: Organization
    event: Event
    product: Product
    order: Order
    cart_id: UUID

    @property
    def ticket(self) -> Ticket | None:
        return Ticket.objects.of(self.organization.id).filter(order_id=self.order.id).first()


def make_shop(count: int) -> Shop:
    """Make a shop with so many events, trips, ticket types, goods, and tickets in an order.

    What an address names is there in any case, and is empty itself then: a course without dates that sells
    nothing, an order without tickets.
    """
    organization = make_organization(allow_guest_checkout=True)
    world = World(organization)
    day = utc_now() + timedelta(days=3)
    event = make_event(organization, **(dict[str, Any](starts_at=day) if count else UNDATED))
    types = [make_ticket_type(event, name=f"Type {number}") for number in range(count)]
    for number in range(count - 1):
        starts_at = day + timedelta(hours=number)
        make_ticket_type(make_event(organization, title=f"Night {number}", starts_at=starts_at))
        make_ticket_type(
            make_event(organization, **TRIP, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
        )
    products = [
        make_product(organization, name=f"Mug {number}", stock=100) for number in range(max(count, 1))
    ]
    wanted = [line(one) for one in types[:MANY]] or [line(products[0])]
    order = world.place(*wanted, customer=None)
    change_status(world.context(now=utc_now()), order.id, to_status=OrderStatus.CONFIRMED)
    cart_id = a_cart(organization, *wanted[:count], now=utc_now())
    while read_events(now=utc_now()):
        send_messages(organization.id, now=utc_now())
    send_messages(organization.id, now=utc_now())
    clear_caches()
    return Shop(organization, event, products[0], Order.unscoped.get(id=order.id), cart_id)


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Yield the route of every address, as ``path`` has it.

    Patterns that are expressions are allauth's, for keys that it makes itself.
    """
    for one in resolver.url_patterns:
        if not isinstance(one.pattern, RoutePattern):
            continue
        route = f"{before}{one.pattern}"
        if isinstance(one, URLPattern):
            yield route
        elif not route.startswith(ELSEWHERE):
            yield from routes(one, route)


ROUTES = [route for route in dict.fromkeys(routes(get_resolver())) if not route.startswith(ELSEWHERE)]


def token_for(route: str, shop: Shop) -> str:
    """Return the secret that opens an address."""
    organization_id, ticket = shop.organization.id, shop.ticket
    if route.startswith("orders/"):
        return order_token(organization_id, shop.order.id, shop.order.link_generation)
    if route.startswith("tickets/") and ticket is not None:
        return ticket_token(organization_id, ticket.id, ticket.link_generation, ticket.code)
    if "checkout/" in route:
        return cart_token(organization_id, shop.cart_id)
    return "nobody-has-this"


def address_of(route: str, shop: Shop) -> str:
    """Return an address with what there is in the place of its parameters."""
    message = Message.objects.of(shop.organization.id).values_list("id", flat=True).first()
    values: dict[str, Callable[[], object]] = {
        "slug": lambda: shop.organization.slug,
        "event_id": lambda: shop.event.id,
        "product_id": lambda: shop.product.id,
        "organization_id": lambda: shop.organization.id,
        "token": lambda: token_for(route, shop),
        "secret": lambda: mailbox_secret(settings.SECRET_KEY),
        "message_id": lambda: message or NOBODY,
        "letter_id": lambda: NOBODY,
        "picture_id": lambda: NOBODY,
        "refund_id": lambda: NOBODY,
        "reference": lambda: "nothing",
        "extension": lambda: "png",
        "name": lambda: "tickets.pdf",
        "key": lambda: "1-abc",
        "uidb36": lambda: "1",
        "provider_id": lambda: "nobody",
        "pk": lambda: "1",
    }
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]()), route)


@pytest.fixture(params=[0, 1, MANY], ids=["none", "one", "many"], scope="module")
def shop(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[Shop, Client]]:
    """A shop, and the browser of its buyer, who has an account with nothing but this order in it."""
    with django_db_blocker.unblock(), transaction.atomic():
        connection.atomic_blocks[-1]._from_testcase = True  # type: ignore[attr-defined]  # durable ones may nest
        made, person = make_shop(request.param), make_person(f"{uuid4().hex}@example.org")
        if request.param:
            Order.unscoped.filter(id=made.order.id).update(customer_email=person.email)
        yield made, signed_in(person)
        transaction.set_rollback(True)


@pytest.mark.parametrize("route", ROUTES)
def test_every_address_answers(route: str, shop: tuple[Shop, Client]) -> None:
    made, member = shop
    for browser in (Client(), member):
        address = address_of(route, made)
        answer = browser.get(address, HTTP_ACCEPT="text/html")
        assert answer.status_code < 500, address
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            assert "</html>" in b"".join(answer).decode(), address


HAS_ALWAYS = {"/api-keys": "the key that asks", "/security-events": "the making of that key"}
"""Lists that are never empty for who may read them."""
READS = [one for one in OPERATIONS if one.method == "GET"]


@pytest.mark.parametrize("operation", [one for one in READS if not one.parameters], ids=str)
def test_an_organisation_without_anything_has_empty_lists(operation: Operation) -> None:
    answer = make_api_client(make_organization()).get(operation.url({}))

    assert answer.status_code < 500
    if operation.path in LISTS and operation.path not in HAS_ALWAYS:
        body = answer.json()
        assert (body if isinstance(body, list) else body["items"]) == []


@pytest.fixture(scope="module")
def bare(world: ApiWorld) -> dict[str, object]:
    """The ids of objects with nothing in them, in the place of those that have."""
    organization = world.organization
    sells = World(organization)
    event = make_event(organization, **UNDATED)
    order = sells.place(line(make_product(organization)))
    change_status(sells.context(now=utc_now()), order.id, to_status=OrderStatus.CONFIRMED)
    return {
        **world.ids,
        "event_id": event.id,
        "order_id": order.id,
        "list_id": make_list(organization, event.id),
        "cart_id": a_cart(organization, now=utc_now()),
    }


@pytest.mark.parametrize("operation", [one for one in READS if one.parameters], ids=str)
def test_what_has_nothing_in_it_can_be_read(
    operation: Operation, world: ApiWorld, bare: dict[str, object]
) -> None:
    answer = world.api.get(operation.url(bare))

    assert answer.status_code < 500, answer.content


@pytest.mark.parametrize("path", LISTS)
def test_a_list_of_many_is_whole_page_by_page(path: str, world: ApiWorld) -> None:
    """Page by page it has the same rows in the same order, each once."""
    url = f"{PREFIX}{path.format(**world.ids)}"
    for _ in range(2):
        LISTS[path](world)
    whole = world.api.get(f"{url}?limit=200" if has_pages(path) else url).json()
    if not has_pages(path):
        assert len(whole) >= 1
        return

    found, after = [], None
    while True:
        page = world.api.get(f"{url}?limit=1" + ("" if after is None else f"&after={after}")).json()
        found += page["items"]
        after = page["next"]
        if after is None:
            break

    assert found == whole["items"]
    assert len(found) >= 3


def has_pages(path: str) -> bool:
    [operation] = [one for method, at, one in described() if (method, at) == ("GET", f"{PREFIX}{path}")]
    return "limit" in {parameter["name"] for parameter in operation["parameters"]}


@pytest.mark.parametrize("count", [1, MANY])
def test_the_papers_of_an_order_are_made_however_much_is_in_it(count: int) -> None:
    shop = make_shop(count)
    api = make_api_client(shop.organization)
    for paper in ("tickets.pdf", "calendar.ics", "invoice.pdf"):
        answer = api.get(f"{PREFIX}/orders/{shop.order.id}/{paper}")
        assert answer.status_code == 200, paper
        assert answer.content
