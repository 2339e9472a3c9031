"""What can be seen, and what cannot; countries and time zones as their lists have them."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from kassa.core.countries import country_codes, is_country
from kassa.core.time_zones import is_time_zone, time_zone_names
from kassa.core.visible_text import is_visible, strip_unseen
from kassa.storefront.checkout import countries


@pytest.mark.parametrize(
    "text", ["", " ", "\t", "\u200b", "\u200d\ufeff", "\u3164", "\u115f", "\u2800", "\u0301", "\u00ad\u00a0"]
)
def test_what_nobody_sees_is_no_text(text: str) -> None:
    assert not is_visible(text)


@pytest.mark.parametrize(
    "text", ["A", "李", "ש", "\u0639\u0644\u06cc\u200c\u0631", "e\u0301", "👩\u200d🚀", "?", "\U000323b0"]
)
def test_what_is_drawn_is(text: str) -> None:
    assert is_visible(text)


def test_unseen_signs_are_taken_out_of_identifiers() -> None:
    assert strip_unseen("a\u200bd\u00ada\ufe0f \u3164x") == "ada x"


def test_countries_are_those_of_the_standard() -> None:
    assert len(country_codes()) == 250
    assert is_country("DE")
    assert is_country("XK")
    assert not any(is_country(code) for code in ("XX", "ZZ", "UK", "de", "", "EU"))


def test_what_the_pages_offer_is_taken() -> None:
    for language in ("en", "fr"):
        names = orjson.loads((Path(countries.FOLDER) / f"{language}.json").read_bytes())
        assert names.keys() - country_codes() == set()


def test_time_zones_are_those_of_the_database() -> None:
    assert len(time_zone_names()) > 500
    assert all(ZoneInfo(name) for name in sorted(time_zone_names()))
    assert is_time_zone("Europe/Berlin")
    assert not any(is_time_zone(name) for name in ("localtime", "Factory", "posixrules", "Berlin", ""))
