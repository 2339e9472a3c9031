"""A session that nobody uses ends, and so does one that is old."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session

from tests.storefront.account.visitor import Visitor, make_person, signed_in
from tests.support.clocks import machine_clock_ahead

pytestmark = pytest.mark.django_db
IDLE, LONGEST = (
    timedelta(seconds=seconds) for seconds in (settings.SESSION_COOKIE_AGE, settings.SESSION_LONGEST_AGE)
)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def visitor() -> Visitor:
    """Somebody whose cookie an attacker has got hold of; the browser's own end of it does not count."""
    visitor = signed_in(make_person())
    visitor.get("/account/")
    return visitor


def is_signed_in(visitor: Visitor, after: timedelta) -> bool:
    """Say whether the cookie opens the account when so much time has passed."""
    key = visitor.cookies[settings.SESSION_COOKIE_NAME].value
    with machine_clock_ahead(after):
        other = Visitor()
        other.cookies[settings.SESSION_COOKIE_NAME] = key
        return other.is_signed_in


def test_an_idle_session_ends(visitor: Visitor) -> None:
    assert is_signed_in(visitor, IDLE - MINUTE)  # the control, which is a use


def test_it_ends_after_the_last_use(visitor: Visitor) -> None:
    assert not is_signed_in(visitor, IDLE + MINUTE)


def test_each_use_counts(visitor: Visitor) -> None:
    assert is_signed_in(visitor, IDLE - MINUTE)
    assert is_signed_in(visitor, 2 * IDLE - 3 * MINUTE)
    assert not is_signed_in(visitor, 3 * IDLE)


def test_no_use_makes_it_last_for_ever(visitor: Visitor) -> None:
    passed = timedelta()
    while passed + IDLE / 2 < LONGEST:
        passed += IDLE / 2
        assert is_signed_in(visitor, passed)
    assert not is_signed_in(visitor, LONGEST + MINUTE)


def test_a_browser_that_opens_many_pages_writes_once_in_a_while(visitor: Visitor) -> None:
    def written() -> tuple[str, object]:
        session = Session.objects.get()
        return session.session_data, session.expire_date

    before = written()
    for _ in range(3):
        visitor.get("/account/")
    assert written() == before
