"""What is done to the cart on the checkout page: more, less, away, a coupon, more time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from kassa.catalog.queries import product_of
from kassa.core.errors import KassaError, NotFound
from kassa.sales.domain.cart_details import extend_cart, remove_coupon, set_coupon
from kassa.sales.domain.cart_holders import count_cart
from kassa.sales.domain.cart_items import ItemChange, NewItem, change_item, put_items, remove_item
from kassa.sales.domain.coupon_tries import limit_coupon_tries
from kassa.sales.domain.request import RequestedLine
from kassa.sales.models import CartItem
from kassa.storefront.checkout.basket import Basket
from kassa.storefront.checkout.summary import MOST
from kassa.storefront.checkout.told import Told, told_of
from kassa.storefront.checkout.visit import Visit
from kassa.storefront.visitors.holders import build_holders
from kassa.storefront.visitors.limits import CARTS, coupon_limits, require_visitor
from kassa.storefront.waiting.cookies import passes_in
from kassa.waiting.domain.passes import require_pass

LONGEST_CODE = 60


def do(visit: Visit, basket: Basket, wanted: str) -> Told:
    """Do what a button says, which may be said twice; what nobody knows does nothing."""
    verb, _colon, about = wanted.partition(":")
    action = ACTIONS.get(verb)
    if action is None:
        return Told()
    try:
        require_visitor(CARTS, visit.request, now=visit.now)
        return action(visit, basket, about)
    except NotFound:  # it is gone already: somebody clicked twice, or in another tab
        return Told()
    except KassaError as refusal:
        return told_of(refusal, basket)


def typed_coupon(visit: Visit) -> str:
    """Return the code that was typed, and is not on the cart yet; empty: none."""
    typed = visit.request.POST.get("coupon", "")
    return "".join(each for each in typed if each.isprintable()).strip()[:LONGEST_CODE]


def has_unsaved(visit: Visit, basket: Basket) -> bool:
    """Say whether a coupon or a quantity was typed that the cart does not know yet."""
    return bool(typed_coupon(visit)) or bool(_typed_quantities(visit, basket))


def save_typed(visit: Visit, basket: Basket) -> Told:
    """Bring what was typed into the cart, as its own buttons would."""
    changed = do(visit, basket, "change") if _typed_quantities(visit, basket) else Told()
    return do(visit, basket, "coupon") if typed_coupon(visit) and not changed.problem else changed


def _set_coupon(visit: Visit, basket: Basket, about: str) -> Told:
    code = typed_coupon(visit)
    if not code:
        return Told(coupon=_("Enter your coupon code first."), status=422)
    with limit_coupon_tries(coupon_limits(visit.request, visit.organization_id), now=visit.now):
        set_coupon(visit.context, visit.cart_id, code)
    return Told(done=_("Your coupon has been applied."))


def _remove_coupon(visit: Visit, basket: Basket, about: str) -> Told:
    remove_coupon(visit.context, visit.cart_id)
    return Told(done=_("The coupon has been removed."))


def _change(visit: Visit, basket: Basket, about: str) -> Told:
    """Change all quantities that were typed; the first one that is refused stops it."""
    typed = _typed_quantities(visit, basket)
    for item in basket.items:
        quantity = typed.get(item.id)
        if quantity == 0:
            remove_item(visit.context, visit.cart_id, item.id)
        elif quantity is not None:
            if quantity > item.quantity:
                _require_pass(visit, basket)
            change = ItemChange(quantity=quantity)
            change_item(visit.context, visit.cart_id, item.id, change)
    return Told(done=_("Your order has been updated.") if typed else "")


def _remove(visit: Visit, basket: Basket, about: str) -> Told:
    item_id = _id(about)
    remove_item(visit.context, visit.cart_id, item_id)
    return Told(done=_("Your order has been updated."))


def _remove_seat(visit: Visit, basket: Basket, about: str) -> Told:
    first, _colon, second = about.partition(":")
    item_id, seat_id = _id(first), _id(second)
    item = basket.view.content.item(item_id)
    kept = tuple(seat for seat in item.seat_ids if seat != seat_id)
    if not kept:
        return _remove(visit, basket, first)
    change = ItemChange(quantity=len(kept), seat_ids=kept)
    change_item(visit.context, visit.cart_id, item_id, change)
    return Told(done=_("Your order has been updated."))


def _add(visit: Visit, basket: Basket, about: str) -> Told:
    """Put one of a product in, unless there is some already; those of other events are not offered here."""
    product_id = _id(about)
    if any(item.product_id == product_id for item in basket.items):
        return Told()
    event_id = product_of(visit.organization_id, product_id).event_id
    if event_id is not None and event_id not in basket.events:
        raise NotFound
    _require_pass(visit, basket)
    line = RequestedLine(item_id=product_id, is_product=True, quantity=1)
    put_items(visit.context, visit.cart_id, [NewItem(line)])
    return Told(done=_("Added to your order."))


def _extend(visit: Visit, basket: Basket, about: str) -> Told:
    extend_cart(visit.context, visit.cart_id)
    return Told(done=_("You have more time now."))


def _require_pass(visit: Visit, basket: Basket) -> None:
    """Let by who asks for more places; for those that are held already it was asked when they were."""
    passes = require_pass(
        visit.organization_id, event_ids=basket.events, tokens=passes_in(visit.request), now=visit.now
    )
    holders = build_holders(visit.request, visit.organization_id, passes=passes)
    count_cart(visit.organization_id, visit.cart_id, holders, browser=visit.browser, now=visit.now)


def _typed_quantities(visit: Visit, basket: Basket) -> Mapping[UUID, int]:
    """Return by item the quantities that are to be others; what is no number is left out."""
    found = {}
    for item in basket.items:
        typed = visit.request.POST.get(f"n-{item.id}", "").strip()
        if not item.seat_ids and typed.isdecimal() and typed.isascii() and _differs(item, typed):
            found[item.id] = min(int(typed[:6]), MOST)
    return found


def _differs(item: CartItem, typed: str) -> bool:
    return min(int(typed[:6]), MOST) != item.quantity


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


ACTIONS: Mapping[str, Callable[[Visit, Basket, str], Told]] = {
    "coupon": _set_coupon,
    "no-coupon": _remove_coupon,
    "change": _change,
    "remove": _remove,
    "unseat": _remove_seat,
    "add": _add,
    "extend": _extend,
}
