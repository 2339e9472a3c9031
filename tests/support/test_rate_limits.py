"""A test that uses up a rate limit is refused afterwards, however slow the machine is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kassa.core.clock import utc_now
from kassa.core.rate_limits import TooManyRequests, require
from kassa.storefront.account.codes import REQUESTS


def use_up() -> None:
    """Do as much as may be done, with more than one interval between each two."""
    rate = REQUESTS.rate
    assert rate is not None
    pause = timedelta(seconds=REQUESTS.default.interval * 1.1)
    for number in range(rate.burst + 1):
        require(REQUESTS, "192.0.2.7", now=utc_now() + number * pause)


@pytest.mark.usefixtures("no_refill")
def test_slow_machine_is_refused() -> None:
    with pytest.raises(TooManyRequests):
        use_up()


def test_control_without_it_the_budget_comes_back() -> None:
    use_up()
