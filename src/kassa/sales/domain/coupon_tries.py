"""Guessing coupon codes: whoever has typed many that do not exist may not try further ones for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from kassa.core.rate_limits import RateLimit, TooManyRequests, confirm, give_back, reserve
from kassa.sales.errors import CouponUnknown

Counted = Sequence[tuple[RateLimit, str]]
"""By which rules a client is counted, and as which subject of each."""


@contextmanager
def limit_coupon_tries(counted: Counted, *, now: datetime) -> Iterator[None]:
    """Look at a coupon code within this, unless too many wrong ones came before; count it if it is wrong.

    A right code is refused as well then: else the refusal would tell which codes are right. It is counted
    before it is looked at and given back if it is right, so that many at once are no way around.

    Raises:
        TooManyRequests: too many wrong ones came before.
    """
    _reserve(counted, now)
    try:
        yield
    except CouponUnknown:
        for limit, subject in counted:
            confirm(limit, subject, now=now)
        raise
    except BaseException:
        _give_back(counted, now)
        raise
    _give_back(counted, now)


def _reserve(counted: Counted, now: datetime) -> None:
    for nth, (limit, subject) in enumerate(counted):
        try:
            reserve(limit, subject, now=now)
        except TooManyRequests:
            _give_back(counted[:nth], now)
            raise


def _give_back(counted: Counted, now: datetime) -> None:
    for limit, subject in counted:
        give_back(limit, subject, now=now)
