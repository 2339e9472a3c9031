from __future__ import annotations

import pytest

from tests.api.shop import Shop, open_shop


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()


@pytest.fixture
def other(db: None) -> Shop:
    """Another organisation, whose ids nobody else may see."""
    return open_shop()
