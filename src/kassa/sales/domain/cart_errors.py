"""What only a cart is refused for; all else is as for orders."""

from __future__ import annotations

from datetime import datetime

from kassa.core.clock import format_moment
from kassa.sales.errors import Refusal


class CartFull(Refusal):
    """The cart would have more items than one order may have lines; `limit` says how many."""

    code = "cart_full"
    title = "The cart is full"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"A cart holds at most {limit} items. Order these first.", limit=limit)


class HoldExtended(Refusal):
    """The cart has had its one extension; it expires at `expires_at`."""

    code = "hold_extended"
    title = "The hold was extended already"

    def __init__(self, expires_at: datetime) -> None:
        self.expires_at = expires_at
        written = format_moment(expires_at)
        super().__init__(
            f"A cart is extended once, and this one was. Order before {written}.", expires_at=written
        )
