"""A fresh organisation that writes to people for every test."""

from __future__ import annotations

import pytest

from tests.notifications.office import Office


@pytest.fixture
def office(transactional_db: None) -> Office:
    return Office()


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)
