"""A fresh organisation for every test of orders."""

from __future__ import annotations

import pytest

from tests.support.sale_world import World


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()
