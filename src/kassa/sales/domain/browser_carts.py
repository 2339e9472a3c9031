"""Carts of browsers: which of them a browser has opened on a page."""

from __future__ import annotations

from kassa.sales.models import Cart


def is_of_browser(cart: Cart, browser: str) -> bool:
    """Say whether a browser has opened a cart; one without a name has opened none."""
    return bool(browser) and cart.browser == browser


def is_of_another_browser(cart: Cart, browser: str) -> bool:
    """Say whether a browser other than this one has opened a cart.

    A cart opened through the API is of no browser: the organisation gives its address to the buyer.
    """
    return cart.browser not in ("", browser)
