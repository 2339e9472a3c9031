"""Meaning stands in columns and attributes: nothing below the edges parses it out of text again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import kassa

SOURCE = Path(kassa.__file__).parent
FACES = ("storefront", "checkin", "mailbox")
KEYED_HASHES = {"sales/domain/holders.py": 1}
"""Keys of visitors are hashes with their kind in front; they have to be counted in one array of the cart."""
WRITTEN_BY_BROWSERS = {
    "core/client_address.py": 1,
    "runtime/front/heads.py": 2,
    "storefront/checkout/actions.py": 2,
    "storefront/checkout/visit.py": 1,
    "storefront/choose/form.py": 1,
    "storefront/shop/own_domain.py": 1,
}
"""Addresses, hosts and buttons of forms are texts where they come from."""
FILES_AND_SEALS = {
    "storefront/account/invitation_mail.py": 1,
    "storefront/account/order_links.py": 1,
    "storefront/checkout/countries.py": 1,
    "storefront/checkout/states.py": 1,
    "storefront/waiting/words.py": 1,
}
"""Files of ours, and what a job is told under a seal."""


def sources(*packages: str) -> Iterator[tuple[str, str]]:
    for folder in (SOURCE / package for package in packages) if packages else (SOURCE,):
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(SOURCE)), path.read_text()


def count(pattern: str, *packages: str) -> dict[str, int]:
    """Return in which files a pattern is found, and how often."""
    found = ((name, len(re.findall(pattern, text))) for name, text in sources(*packages))
    return {name: times for name, times in found if times}


@pytest.mark.parametrize(
    "pattern", [r"__i?startswith\b", r"\bI?LIKE\s+'\w+:", r"\bstarts_with\(", r"\bsplit_part\("]
)
def test_no_query_asks_how_a_stored_text_begins(pattern: str) -> None:
    assert count(pattern) == {}


def test_texts_with_colons_are_taken_apart_only_where_they_come_from() -> None:
    assert count(r"\br?partition\(\":\"\)|\bsplit\(\":\"\)") == WRITTEN_BY_BROWSERS | KEYED_HASHES


def test_details_of_errors_are_read_by_programs_alone() -> None:
    """The errors write them from their attributes, and the API sends them."""
    assert {*count(r"\.details\b")} <= {
        "api/problems.py",
        "api/routes/security_events.py",  # of an entry of the security log
        "catalog/errors.py",
        "core/errors.py",
    }


def test_faces_read_no_json_of_ours() -> None:
    assert count(r"\b(?:orjson|json)\.loads\(", *FACES) == FILES_AND_SEALS
    assert count(r"\.document\[", *FACES) == {}


def test_carts_become_json_at_the_api() -> None:
    assert {name for name in count(r"\bserialize_cart\b") if not name.startswith("api/")} == set()
