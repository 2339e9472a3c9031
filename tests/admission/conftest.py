from __future__ import annotations

import pytest

from kassa.admission.domain.counts import forget_counts
from tests.admission.hall import Hall


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    """Start every test with no figures remembered from the one before."""
    forget_counts()


@pytest.fixture
def hall(db: None) -> Hall:
    return Hall()
