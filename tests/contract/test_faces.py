"""Faces ask queries and domains; they look into no table by themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kassa

SOURCE = Path(kassa.__file__).parent
TABLE = re.compile(r"(\w+)\.(?:objects|unscoped)\b")
OF_ALLAUTH = {"EmailAddress", "Authenticator"}
"""Models of another package, which has no queries of ours."""
ALLOWED = {
    # Reads what belongs to one person across all organisations, by rows that privacy has found.
    "storefront/account/purchases.py": {"model"},
}


@pytest.mark.parametrize("face", ["storefront", "checkin", "mailbox"])
def test_face_looks_into_no_table(face: str) -> None:
    found = {
        str(path.relative_to(SOURCE)): set(TABLE.findall(path.read_text())) - OF_ALLAUTH
        for path in (SOURCE / face).rglob("*.py")
    }
    tables = {path: names for path, names in found.items() if names}

    assert tables == {path: names for path, names in ALLOWED.items() if path.startswith(face)}
