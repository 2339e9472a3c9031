"""Which cart a browser means. Its secret token stands in the address, and a cookie remembers the last one.

The token alone opens a cart, so that it works in two tabs, in a frame of another site, and in a browser
that keeps no cookies; the cookie only lets every page of a shop lead back to it. The token says nothing about
who comes: others may have had it before, and sent somebody there. So a cart's own browser is known by the
name that :mod:`kassa.storefront.visitors.browsers` gives it. Personal details, and the order that a cart has
become, are for that browser alone; and whoever opens another's cart keeps their own.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kassa.core.errors import NotFound
from kassa.core.signatures import SIGNATURE_BYTES, is_signed, sign
from kassa.web.cookies import set_cookie

SALT = "kassa.storefront.carts"
KEPT_SECONDS = 24 * 3600
"""Longer than any hold: an expired cart still tells what was in it."""


def cart_token(organization_id: UUID, cart_id: UUID) -> str:
    """Return the secret part of a cart's address."""
    raw = cart_id.bytes + _signature(organization_id, cart_id)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_cart_token(organization_id: UUID, token: str) -> UUID:
    """Return the cart that a token opens.

    Raises:
        NotFound: it opens none of this organisation.
    """
    try:
        raw = base64.b64decode(
            token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise NotFound("This link is not complete.") from error
    if len(raw) != 16 + SIGNATURE_BYTES:
        raise NotFound("This link is not complete.")
    cart_id = UUID(bytes=raw[:16])
    if not is_signed(SALT, f"{organization_id}:{cart_id}", raw[16:]):
        raise NotFound("This link is not valid, or no longer valid.")
    return cart_id


def cart_in(request: HttpRequest, organization_id: UUID) -> UUID | None:
    """Return the cart that this browser had last in a shop. None: none that is genuine."""
    token = request.COOKIES.get(_cookie(organization_id), "")
    try:
        return read_cart_token(organization_id, token)
    except NotFound:
        return None


def keep_cart(response: HttpResponseBase, organization_id: UUID, cart_id: UUID) -> None:
    """Let the browser remember a cart."""
    token = cart_token(organization_id, cart_id)
    set_cookie(response, _cookie(organization_id), token, seconds=KEPT_SECONDS)


def forget_cart(
    request: HttpRequest, response: HttpResponseBase, organization_id: UUID, cart_id: UUID
) -> None:
    """Let the browser forget a cart that has become an order, if it is the one that it remembers."""
    if cart_in(request, organization_id) == cart_id:
        response.delete_cookie(_cookie(organization_id), samesite="Lax")


def _cookie(organization_id: UUID) -> str:
    return f"kassa_cart_{organization_id.hex}"


def _signature(organization_id: UUID, cart_id: UUID) -> bytes:
    return sign(SALT, f"{organization_id}:{cart_id}")
