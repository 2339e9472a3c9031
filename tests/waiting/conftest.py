"""Rooms are kept for a second by each process: a test starts with none."""

from __future__ import annotations

import pytest

from kassa.waiting.domain.kept import forget_rooms


@pytest.fixture(autouse=True)
def _no_kept_rooms() -> None:
    forget_rooms()
