from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.contract.world import World, make_world


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One organisation for all tests of a module: each test's changes are rolled back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def strangers(world: World) -> World:
    """Another organisation, whose objects nobody of the first may see."""
    return make_world()


@pytest.fixture
def keys_stay_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look each key up once, so that its look-up is in no count of queries."""
    monkeypatch.setattr("kassa.identity.domain.api_keys.CACHE_SECONDS", 3600)
