"""What a buyer chooses on a page comes into their cart: whole, once, and in place of their choice before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from kassa.catalog.models import Product, TicketType
from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.ids import new_id
from kassa.core.permissions import Permission
from kassa.sales.domain.cart_content import CartContent, line_of, read_content
from kassa.sales.domain.cart_details import set_coupon
from kassa.sales.domain.cart_hold import WantedItem, hold_items, keep_item
from kassa.sales.domain.cart_holders import add_holders, move_to_account
from kassa.sales.domain.cart_items import NewItem
from kassa.sales.domain.cart_open import NewCart, open_cart
from kassa.sales.domain.expire import release_if_possible
from kassa.sales.domain.holders import HolderKind, parse_kind
from kassa.sales.domain.place import RELEASABLE
from kassa.sales.domain.request import RequestedLine
from kassa.sales.enums import CartStatus
from kassa.sales.errors import SoldOut
from kassa.sales.models import Cart, CartItem

LOCK_BROWSER = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
"""Of one browser at one organisation; nothing else takes it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants of one event, or of products that are sold alone."""

    lines: tuple[RequestedLine, ...]
    currency: str
    event_id: UUID | None
    """All that the cart has of this event gives way. None: only what it has of the same products does."""
    coupon_code: str | None = None
    """None: the cart keeps the coupon it has."""
    holders: tuple[str, ...] = ()
    """By what the visitor is counted while a cart that is opened for it holds places."""


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def choose(context: CommandContext, choice: Choice, *, cart_id: UUID | None, browser: str) -> UUID:
    """Put a choice into the buyer's cart and return that: all of it or, if it is refused, nothing.

    The cart is the one given, while it can be changed and has the same currency; else the one that
    this ``browser`` (empty: not known) has opened already; else a new one. Choosing the same again
    changes nothing, so that a form that is sent twice holds its places once. Another choice takes the
    place of the one before, and what both have in common is never given up in between.

    Raises:
        CartClosed: the cart's time ended meanwhile.
        CartFull: it would have too many items.
        Refusal: a line or the coupon is not to be had, or the visitor holds too much.
        Locked: others change the same cart or seats all the time.
    """
    organization_id, now = context.organization_id, context.now
    if any(parse_kind(key) == HolderKind.USER for key in choice.holders):
        found = _cart_for(organization_id, choice, cart_id, browser, now)
        if found is not None:
            move_to_account(organization_id, found.id, choice.holders, browser=browser, now=now)
    try:
        return _choose(context, choice, cart_id, browser)
    except RELEASABLE:
        if not release_if_possible(organization_id, now=now):
            raise
        return _choose(context, choice, cart_id, browser)


def _choose(context: CommandContext, choice: Choice, cart_id: UUID | None, browser: str) -> UUID:
    organization_id, now = context.organization_id, context.now
    with transaction.atomic():
        if browser:
            with connection.cursor() as cursor:
                cursor.execute(LOCK_BROWSER, [f"{organization_id}:{browser}"])
        found = _cart_for(organization_id, choice, cart_id, browser, now)
        if found is None:
            items = [NewItem(line, is_best_available=line.best_available) for line in choice.lines]
            new = NewCart(
                browser=browser, items=items, coupon_code=choice.coupon_code, holders=choice.holders
            )
            return open_cart(context, new)
        add_holders(organization_id, found, choice.holders, now=now)
        _put(organization_id, found.id, choice, now)
        if choice.coupon_code is not None and choice.coupon_code.upper() != (found.coupon_code or "").upper():
            set_coupon(context, found.id, choice.coupon_code)
    return found.id


def _cart_for(
    organization_id: UUID, choice: Choice, cart_id: UUID | None, browser: str, now: datetime
) -> Cart | None:
    active = Cart.objects.of(organization_id).filter(status=CartStatus.ACTIVE, expires_at__gt=now)
    for carts in (
        active.filter(id=cart_id) if cart_id else active.none(),
        active.filter(browser=browser, repeats_cart=None, repeats_order=None) if browser else active.none(),
    ):
        cart = carts.order_by("-id").first()
        if cart is not None and cart.currency in (None, choice.currency):
            return cart
    return None


def _put(organization_id: UUID, cart_id: UUID, choice: Choice, now: datetime) -> None:
    replaced = _replaced(organization_id, choice)

    def edit(*, afresh: bool) -> Callable[[CartContent], Sequence[WantedItem]]:
        return lambda content: _wanted(content, choice, replaced, afresh=afresh)

    content = read_content(organization_id, cart_id)
    if _is_as_wanted(content, edit(afresh=True)(content)):
        return
    try:
        hold_items(organization_id, cart_id, edit=edit(afresh=True), now=now)
    except SoldOut:
        if not any(line.best_available for line in choice.lines):
            raise
        # There are not so many beside what the cart has already, but perhaps together with that.
        hold_items(organization_id, cart_id, edit=edit(afresh=False), now=now)


def _replaced(organization_id: UUID, choice: Choice) -> frozenset[UUID]:
    """Return the ticket types and products whose items give way to a choice."""
    ids = {line.item_id for line in choice.lines}
    if choice.event_id is not None:
        for model in (TicketType, Product):
            of_event = model.objects.of(organization_id).filter(event_id=choice.event_id)
            ids.update(of_event.values_list("id", flat=True))
    return frozenset(ids)


def _wanted(
    content: CartContent, choice: Choice, replaced: frozenset[UUID], *, afresh: bool
) -> list[WantedItem]:
    before = [item for item in content.items if _item_id(item) in replaced]
    others = [item for item in content.items if _item_id(item) not in replaced]
    wanted = []
    for line in choice.lines:
        item = next((one for one in before if _is_alike(one, line)), None)
        if item is None:
            wanted.append(WantedItem(new_id(), (line,), {}, is_best_available=line.best_available))
        else:
            before.remove(item)
            wanted.append(keep_item(item, tuple(_lines(item, line, afresh=afresh))))
    return [*wanted, *(keep_item(item, (line_of(item),)) for item in others)]


def _lines(item: CartItem, line: RequestedLine, *, afresh: bool) -> Iterable[RequestedLine]:
    """Return what an item becomes: of seats that Kassa chooses, it keeps those it has if that can be."""
    more = line.quantity - item.quantity
    if not line.best_available or (more > 0 and afresh):
        return (line,)
    kept = tuple(item.seat_ids[: line.quantity])
    keeping = RequestedLine(line.item_id, is_product=False, quantity=len(kept), seat_ids=kept)
    if more <= 0:
        return (keeping,)
    return (keeping, RequestedLine(line.item_id, is_product=False, quantity=more, best_available=True))


def _is_as_wanted(content: CartContent, wanted: Sequence[WantedItem]) -> bool:
    now = {item.id: (line_of(item),) for item in content.items}
    return len(now) == len(wanted) and all(
        item.id in now and _in_order(item.lines) == _in_order(now[item.id]) for item in wanted
    )


def _in_order(lines: tuple[RequestedLine, ...]) -> list[tuple[int, list[UUID], bool]]:
    return [(line.quantity, sorted(line.seat_ids), line.best_available) for line in lines]


def _is_alike(item: CartItem, line: RequestedLine) -> bool:
    return _item_id(item) == line.item_id and item.is_best_available == line.best_available


def _item_id(item: CartItem) -> UUID | None:
    return item.ticket_type_id or item.product_id
