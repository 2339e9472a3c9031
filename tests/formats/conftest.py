from __future__ import annotations

import pytest

from tests.notifications.office import Office


@pytest.fixture
def office(transactional_db: None) -> Office:
    return Office()
