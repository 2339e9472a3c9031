"""Times on the scanner: in the hour that comes twice they say which one is meant."""

from __future__ import annotations

import pytest

from tests.checkin.phone import Phone

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_moment_in_the_hour_that_comes_twice_names_its_clock(phone: Phone) -> None:
    phone.open()
    moments = [f"2027-10-31T{time}:00Z" for time in ("00:59", "01:30", "02:30")]

    written = phone.module("words", "return given.map((one) => m.dateText(one, 'Europe/Berlin'))", moments)

    assert [text.replace(",", "") for text in written] == [
        "Sun 31 Oct 02:59 CEST",
        "Sun 31 Oct 02:30 CET",
        "Sun 31 Oct 03:30",
    ]
