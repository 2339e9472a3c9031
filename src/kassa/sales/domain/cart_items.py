"""Items come into a cart, change, and leave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.ids import new_id
from kassa.core.permissions import Permission
from kassa.sales.domain.cart_content import CartContent, line_of
from kassa.sales.domain.cart_hold import WantedItem, hold_items, keep_item, release_item
from kassa.sales.domain.request import RequestedLine
from kassa.sales.models import CartItem

MAX_QUANTITY = 1000
"""As many as one line of an order may have."""


@dataclass(frozen=True, slots=True)
class NewItem:
    """A line to be put into a cart."""

    line: RequestedLine
    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_best_available: bool = False
    """A page lets Kassa choose its seats, and keeps them while the choice stays the same."""


@dataclass(frozen=True, slots=True)
class ItemChange:
    """What is to become of an item; None: it stays as it is."""

    quantity: int | None = None
    seat_ids: tuple[UUID, ...] | None = None
    best_available: bool = False
    """Keep the first of its seats, and let Kassa choose those that are still wanted."""
    metadata: Mapping[str, Any] | None = None


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def put_items(context: CommandContext, cart_id: UUID, items: Sequence[NewItem]) -> None:
    """Put lines into a cart and hold their places: all of them or none.

    A line of what an item has already, without numbered seats and with the same metadata, joins that item.
    Limits per order count over the whole cart. A refusal counts the new lines from 0.

    Raises:
        NotFound: the organisation has no such cart.
        CartClosed: it has expired, was given up, or has become an order.
        CartFull: it would have too many items.
        Refusal: a line cannot be had; nothing was changed.
    """
    organization_id, now = context.organization_id, context.now
    hold_items(organization_id, cart_id, edit=lambda content: _joined(content.items, items), now=now)


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def change_item(context: CommandContext, cart_id: UUID, item_id: UUID, change: ItemChange) -> None:
    """Change how many an item holds, or which seats; what it keeps it never gives up in between.

    Raises:
        NotFound: the organisation has no such cart, or the cart no such item.
        CartClosed: it has expired, was given up, or has become an order.
        Refusal: it cannot be had; nothing was changed.
    """

    organization_id, now = context.organization_id, context.now

    def edit(content: CartContent) -> list[WantedItem]:
        item = content.item(item_id)
        changed = keep_item(item, _changed(item, change))
        if change.metadata is not None:
            changed = replace(changed, metadata=change.metadata)
        others = [other for other in content.items if other.id != item_id]
        return [changed, *_as_they_are(others)]

    hold_items(organization_id, cart_id, edit=edit, now=now)


@command(Permission.ORDER_PLACE, or_kinds=[ActorKind.BUYER])
def remove_item(context: CommandContext, cart_id: UUID, item_id: UUID) -> None:
    """Take an item out of a cart; its places and seats are free again at once.

    Raises:
        NotFound: the organisation has no such cart, or the cart no such item.
        CartClosed: it has expired, was given up, or has become an order.
    """
    organization_id, now = context.organization_id, context.now
    release_item(organization_id, cart_id, item_id, now=now)


def _joined(present: Sequence[CartItem], added: Sequence[NewItem]) -> list[WantedItem]:
    """Return the items of a cart with new lines: those that nothing tells apart become one."""
    wanted: list[WantedItem] = []
    untouched = _as_they_are(present)
    for place, item in enumerate(added):
        twin = next((one for one in [*wanted, *untouched] if _is_twin(one, item)), None)
        if twin is None:
            new = WantedItem(
                new_id(),
                (item.line,),
                item.metadata,
                asked_as=place,
                is_best_available=item.is_best_available,
            )
            wanted.append(new)
            continue
        asked_as = place if twin.asked_as is None else twin.asked_as
        joined = replace(twin, lines=(item.line, *twin.lines), asked_as=asked_as)
        wanted = [joined if one is twin else one for one in wanted]
        if twin in untouched:
            untouched.remove(twin)
            wanted.append(joined)
    return [*wanted, *untouched]


def _is_twin(wanted: WantedItem, item: NewItem) -> bool:
    lines = (*wanted.lines, item.line)
    return (
        len({line.item_id for line in lines}) == 1
        and not any(line.seat_ids or line.best_available for line in lines)
        and wanted.metadata == item.metadata
        and sum(line.quantity for line in lines) <= MAX_QUANTITY
    )


def _as_they_are(items: Sequence[CartItem]) -> list[WantedItem]:
    return [keep_item(item, (line_of(item),)) for item in items]


def _changed(item: CartItem, change: ItemChange) -> tuple[RequestedLine, ...]:
    """Return the lines of the changed item: one, or the seats it keeps and those it gets beside."""
    now = line_of(item)
    seat_ids = now.seat_ids if change.seat_ids is None else change.seat_ids
    quantity = change.quantity
    if quantity is None:
        quantity = len(change.seat_ids) if change.seat_ids else now.quantity
    if change.best_available and change.seat_ids is None and now.seat_ids:
        kept = now.seat_ids[:quantity]
        more = quantity - len(kept)
        keeping = _line(now, quantity=len(kept), seat_ids=kept)
        return (keeping, _line(now, quantity=more, best_available=True)) if more else (keeping,)
    return (_line(now, quantity=quantity, seat_ids=seat_ids, best_available=change.best_available),)


def _line(
    like: RequestedLine, *, quantity: int, seat_ids: tuple[UUID, ...] = (), best_available: bool = False
) -> RequestedLine:
    return RequestedLine(
        item_id=like.item_id,
        is_product=like.is_product,
        quantity=quantity,
        seat_ids=seat_ids,
        best_available=best_available,
    )
