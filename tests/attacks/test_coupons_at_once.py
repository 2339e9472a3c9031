"""Who guesses many coupon codes at the same moment wants all of them looked at before one is counted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kassa.api.rate_limits import COUPONS
from kassa.core.clock import utc_now
from kassa.core.rate_limits import TooManyRequests, clear_rate_limits
from kassa.sales.domain.coupon_tries import limit_coupon_tries
from kassa.sales.errors import CouponUnknown

LIMIT = {"api_coupons": (1, 3600, 3)}
AT_ONCE = 16


def guess_at_once() -> int:
    """Guess in many threads, all of which look at the same moment; return how many of them could."""
    looked: list[int] = []
    everybody = threading.Barrier(AT_ONCE)

    def look(number: int) -> None:
        looked.append(number)
        everybody.wait(30)
        raise CouponUnknown(f"GUESS{number}")

    def guess(number: int) -> None:
        try:
            with limit_coupon_tries([(COUPONS, "198.51.100.7")], now=utc_now()):
                look(number)
        except CouponUnknown:
            pass
        except TooManyRequests:
            everybody.wait(30)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(guess, range(AT_ONCE)))
    return len(looked)


def test_guessing_coupons_at_once_gets_no_more_looks(settings: Any) -> None:
    settings.RATES = LIMIT
    clear_rate_limits()
    assert guess_at_once() == 3
    settings.RATES = {"api_coupons": None}  # the control
    assert guess_at_once() == AT_ONCE


def test_control_right_codes_cost_nothing(settings: Any) -> None:
    settings.RATES = LIMIT
    clear_rate_limits()
    for _ in range(10):
        with limit_coupon_tries([(COUPONS, "198.51.100.7")], now=utc_now()):
            pass
    for number in range(3):
        with pytest.raises(CouponUnknown), limit_coupon_tries([(COUPONS, "198.51.100.7")], now=utc_now()):
            raise CouponUnknown(f"GUESS{number}")
    with pytest.raises(TooManyRequests), limit_coupon_tries([(COUPONS, "198.51.100.7")], now=utc_now()):
        pass
