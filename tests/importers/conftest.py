"""An organisation to import into, and a file of its older system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import books
from tests.importers.old_system import OldSystem


@pytest.fixture
def old(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OldSystem]:
    """Yield an older system and its new home, whose books must balance after every test."""
    # What is imported is history: nobody is told of it, so the outbox is no part of these books.
    checks = {sentence: sql for sentence, sql in books.CHECKS.items() if sql != books.EVENTS}
    monkeypatch.setattr(books, "CHECKS", checks)
    system = OldSystem(tmp_path)
    yield system
    assert system.told_of_imports() == []
    books.assert_books_balance()
