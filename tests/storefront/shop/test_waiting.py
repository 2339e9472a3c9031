"""Who has not been let in waits, before anything else is looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.core.clock import utc_now
from kassa.core.ttl_cache import clear_caches
from tests.storefront.shop.pages import event_path, look
from tests.support.factories import make_event, make_organization, make_ticket_type
from tests.waiting.factories import make_room

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_page_of_an_event_leads_to_its_waiting_room_and_asks_nothing() -> None:
    organization = make_organization()
    event = make_event(organization)
    make_ticket_type(event)
    now = utc_now()
    make_room(event, now=now - timedelta(hours=2), starts_at=now - timedelta(minutes=1))
    clear_caches()
    path = event_path(event)
    look(path)

    framed = look(f"{path}?embed=1")
    with CaptureQueriesContext(connection) as asked:
        answer = look(f"{path}?lang=fr")

    assert (answer.status_code, len(asked)) == (302, 0)
    assert answer["Location"] == f"/waiting/{organization.slug}/{event.id}?next={path}%3Flang%3Dfr"
    assert answer["Cache-Control"] == "no-store"
    assert (
        f'href="/waiting/{organization.slug}/{event.id}?next={path}" target="_top"' in framed.content.decode()
    )
    assert framed.status_code == 200
