"""The world in which the sale is tested."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from kassa.catalog.models import Event
from kassa.core.clock import utc_now
from kassa.organizations.models import Organization
from tests.support.books import assert_books_balance
from tests.support.factories import make_event, make_organization


@pytest.fixture
def books_balance(transactional_db: None) -> Iterator[None]:
    """Check, whatever a test does, that in the end the books agree with each other."""
    yield
    assert_books_balance()


@pytest.fixture
def organization(transactional_db: None) -> Organization:
    return make_organization()


@pytest.fixture
def event(organization: Organization) -> Event:
    return make_event(organization)


@pytest.fixture
def now() -> datetime:
    return utc_now()
