"""Somebody at a checkout: who, where, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest

from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext, build_context
from kassa.core.errors import NotFound
from kassa.identity.models import User
from kassa.storefront.account.session_user import buyer_of
from kassa.storefront.shops import Shop, shop_named, shop_with_domain
from kassa.storefront.visitors.browsers import accept_form_browser, name_browser
from kassa.storefront.visitors.carts import cart_token, read_cart_token

SIGN_IN = "/account/login/"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a buyer about one cart."""

    request: HttpRequest
    shop: Shop
    cart_id: UUID
    buyer: User | None
    """None: a guest."""
    now: datetime

    @property
    def organization_id(self) -> UUID:
        return self.shop.organization_id

    @property
    def browser(self) -> str:
        """Return the name of the browser; one that brings none has one from now on."""
        return name_browser(self.request, self.organization_id)

    @property
    def context(self) -> CommandContext:
        """The buyer, at work on the cart."""
        return build_context(Actor.buyer(self.organization_id), now=self.now)

    @property
    def path(self) -> str:
        """Return the address of this cart's checkout."""
        return checkout_path(self.shop, self.cart_id)

    @property
    def sign_in_path(self) -> str:
        """Return where a guest signs in and comes back from."""
        return f"{SIGN_IN}?next={quote(self.path, safe='/')}"

    @property
    def must_sign_in(self) -> bool:
        return self.buyer is None and not self.shop.allow_guest_checkout


def visit_of(request: HttpRequest, shop: Shop, token: str) -> Visit:
    """Return who is at which checkout.

    Raises:
        NotFound: the token opens no cart of this shop.
    """
    cart_id = read_cart_token(shop.organization_id, token)
    accept_form_browser(request, shop.organization_id)
    return Visit(request, shop, cart_id, buyer_of(request), utc_now())


def check_address(path: str, *, host: str) -> None:
    """Refuse an address that is not a cart's checkout, before anything that is sent there is read.

    Raises:
        NotFound: its token opens no cart of this shop.
    """
    *slug, _, token = path.strip("/").split("/")
    shop = shop_named(slug[0]) if slug else shop_with_domain(host.partition(":")[0].rstrip(".").lower())
    if shop is None:
        raise NotFound("There is nothing at this address.")
    read_cart_token(shop.organization_id, token)


def checkout_path(shop: Shop, cart_id: UUID) -> str:
    """Return the address of a cart's checkout."""
    return f"{shop.at}/checkout/{cart_token(shop.organization_id, cart_id)}"
