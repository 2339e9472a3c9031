"""An organisation of one's own, a way in over HTTP, and events with seats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest

from kassa.catalog.models import Event
from kassa.core.permissions import Permission
from tests.seating.factories import Api, api_for, found_organization, make_seated


@pytest.fixture
def organization_id(db: None) -> UUID:
    return found_organization().id


@pytest.fixture
def api(organization_id: UUID) -> Api:
    return api_for(organization_id, [Permission.OFFER_READ, Permission.OFFER_WRITE])


@pytest.fixture
def seated(organization_id: UUID) -> Callable[..., Event]:
    return partial(make_seated, organization_id)
