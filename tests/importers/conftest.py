"""An organisation to import into, and a file of its older system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.importers.old_system import OldSystem
from tests.support.books import assert_books_balance


@pytest.fixture
def old(transactional_db: None, tmp_path: Path) -> Iterator[OldSystem]:
    """Yield an older system and its new home, whose books must balance after every test."""
    system = OldSystem(tmp_path)
    yield system
    assert system.told_of_imports() == []
    assert_books_balance()
