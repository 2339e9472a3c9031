from __future__ import annotations

import pytest

from tests.storefront.shop.pages import fresh


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Start every test with nothing remembered from the one before."""
    fresh()
