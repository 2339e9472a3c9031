"""Whoever takes the names of all who come along leaves a trace."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

import pytest

from kassa.core.clock import utc_now
from kassa.identity.domain.api_keys import authenticate_api_key
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import SecurityEvent
from tests.admission.hall import Hall
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall(db: None) -> Hall:
    made = Hall()
    made.issue(3)
    return made


def downloads(hall: Hall) -> list[tuple[UUID | None, UUID | None]]:
    """Return who has downloaded which list."""
    events = SecurityEvent.objects.of(hall.id).filter(kind=SecurityEventKind.DATA_EXPORTED)
    return [(event.actor_id, event.subject_id) for event in events]


def test_a_download_of_all_tickets_is_recorded(hall: Hall) -> None:
    api = make_api_client(hall.organization)
    first = api.get(f"/api/v1/checkin-lists/{hall.entrance.id}/tickets?limit=2")

    assert first.status_code == 200
    key = authenticate_api_key(api.secret, now=utc_now())
    assert downloads(hall) == [(key.id, hall.entrance.id)]


def test_neither_its_other_pages_nor_changes_are(hall: Hall) -> None:
    """The control: one entry for each download, however many pages it has and however long it is followed."""
    api = make_api_client(hall.organization)
    path = f"/api/v1/checkin-lists/{hall.entrance.id}/tickets"
    first = api.get(f"{path}?limit=2").json()

    assert api.get(f"{path}?limit=2&after={quote(first['next'])}").status_code == 200
    assert api.get(f"{path}?changed_since={quote(first['cursor'])}").status_code == 200
    assert len(downloads(hall)) == 1


def test_what_is_refused_is_no_download(hall: Hall) -> None:
    stranger: ApiClient = make_api_client(make_organization())

    assert stranger.get(f"/api/v1/checkin-lists/{hall.entrance.id}/tickets").status_code == 404
    assert downloads(hall) == []
