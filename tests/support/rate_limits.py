"""Rate limits for tests that use them up, on machines of any speed."""

from __future__ import annotations

import pytest

from kassa.core.budgets import Rate
from kassa.core.rate_limits import RateLimit

SLOWNESS = 1000


@pytest.fixture
def no_refill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was used up of a rate limit come back a thousand times slower.

    As much may be done at once as ever; but a test that does it on a busy machine, where it takes longer than
    one interval, is still refused the next.
    """
    given = RateLimit.rate
    assert isinstance(given, property)
    assert given.fget is not None
    read = given.fget

    def slow_rate(limit: RateLimit) -> Rate | None:
        rate: Rate | None = read(limit)
        return rate and Rate(rate.count, rate.seconds * SLOWNESS, rate.burst)

    monkeypatch.setattr(RateLimit, "rate", property(slow_rate))
