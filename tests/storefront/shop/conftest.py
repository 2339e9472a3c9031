from __future__ import annotations

import pytest

from kassa.core.ttl_cache import clear_caches


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Start every test with nothing remembered from the one before."""
    clear_caches()
