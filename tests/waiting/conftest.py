"""Rooms are kept for a second by each process: a test starts with none."""

from __future__ import annotations

import pytest

from kassa.core.ttl_cache import clear_caches


@pytest.fixture(autouse=True)
def _no_kept_rooms() -> None:
    clear_caches()
