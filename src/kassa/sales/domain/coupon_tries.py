"""Guessing coupon codes: whoever has typed many that do not exist may not try further ones for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from kassa.core.rate_limits import RateLimit, check, require
from kassa.sales.errors import CouponUnknown

Counted = Sequence[tuple[RateLimit, str]]
"""By which rules a client is counted, and as which subject of each."""


@contextmanager
def limit_coupon_tries(counted: Counted, *, now: datetime) -> Iterator[None]:
    """Look at a coupon code within this, unless too many wrong ones came before; count it if it is wrong.

    A right code is refused as well then: else the refusal would tell which codes are right.

    Raises:
        TooManyRequests: too many wrong ones came before.
    """
    check_coupon_tries(counted, now=now)
    try:
        yield
    except CouponUnknown:
        count_coupon_try(counted, now=now)
        raise


def check_coupon_tries(counted: Counted, *, now: datetime) -> None:
    """Refuse to look at a code when too many wrong ones came before.

    Raises:
        TooManyRequests: that is so.
    """
    for limit, subject in counted:
        check(limit, subject, now=now)


def count_coupon_try(counted: Counted, *, now: datetime) -> None:
    """Count a code that does not exist.

    Raises:
        TooManyRequests: other processes have counted too many already.
    """
    for limit, subject in counted:
        require(limit, subject, now=now)
