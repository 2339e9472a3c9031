"""Carts of browsers: how a cart's session says which browser has opened it, and why."""

from __future__ import annotations

from uuid import UUID

from kassa.sales.models import Cart

CHOSEN, AGAIN = "shop", "again"
"""How a browser has come to a cart: it chose on a page, or wanted the same again."""


def build_session_id(kind: str, browser: str, about: UUID | None = None) -> str:
    """Return the session of a cart that a browser opens; ``about``: the cart or order that it repeats."""
    return f"{kind}:{browser}" if about is None else f"{kind}:{about}:{browser}"


def is_of_browser(cart: Cart, browser: str) -> bool:
    """Say whether a browser has opened a cart; one without a name has opened none."""
    return bool(browser) and _opened_by(cart) == browser


def is_of_another_browser(cart: Cart, browser: str) -> bool:
    """Say whether a browser other than this one has opened a cart.

    A cart opened through the API is of no browser: the organisation gives its address to the buyer.
    """
    return _opened_by(cart) not in (None, browser)


def _opened_by(cart: Cart) -> str | None:
    """Return the name of the browser that has opened a cart. None: it was opened through the API."""
    kind, _, rest = cart.session_id.partition(":")
    return rest.rpartition(":")[2] if kind in (CHOSEN, AGAIN) else None
