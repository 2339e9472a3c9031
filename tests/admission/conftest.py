from __future__ import annotations

import pytest

from tests.admission.hall import Hall


@pytest.fixture
def hall(db: None) -> Hall:
    return Hall()
