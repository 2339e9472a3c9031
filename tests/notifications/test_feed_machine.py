"""Any interleaving of what happens, of readers, senders and crashes writes each message exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kassa.core.clock import utc_now
from kassa.notifications.domain import read_feed
from kassa.notifications.domain.read_feed import read_events
from kassa.notifications.domain.send import send_messages
from kassa.notifications.models import Message
from kassa.sales.domain.request import Customer
from tests.notifications.office import Office
from tests.support.factories import line, make_event, make_ticket_type


@pytest.fixture
def hall(transactional_db: None) -> Office:
    office = Office()
    office.plenty = make_ticket_type(make_event(office.organization), quantity=100_000)
    return office


STEPS = st.lists(
    st.sampled_from(["place", "read", "read and die", "send", "send and die"]),
    min_size=4,
    max_size=10,
)


class Killed(BaseException):
    """The process ends here."""


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, batch=st.integers(1, 3))
def test_each_message_is_written_exactly_once(hall: Office, steps: list[str], batch: int) -> None:
    office = hall
    office.forget()
    placed = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_feed, "BATCH", batch)
        for number, step in enumerate(steps):
            if step == "place":
                email = f"guest-{number}@example.com"
                ordered = line(office.plenty)
                placed.append(office.place(ordered, customer=Customer(email=email)).id)
            else:
                _do(office, step)
        office.work()

    written = Counter((one.order_id, one.kind) for one in office.messages() if one.kind == "order_placed")
    assert written == Counter((order_id, "order_placed") for order_id in placed)
    assert {one.status for one in office.messages()} <= {"kept", "sending"}


def _do(office: Office, step: str) -> None:
    now = utc_now()
    if step == "read":
        read_events(now=now)
    elif step == "send":
        send_messages(office.id, now=now)
    elif step == "read and die":
        _die_after(lambda: read_events(now=now))
    elif step == "send and die":
        _die_after(lambda: send_messages(office.id, now=now))


def _die_after(do: Callable[[], object]) -> None:
    """Do something and lose it, as when the process is killed before the commit."""
    with suppress(Killed), transaction.atomic():
        do()
        _die()


def _die() -> None:
    raise Killed


def test_the_first_reader_begins_with_what_happens_then(office: Office) -> None:
    office.work()

    assert {one.order_id for one in Message.unscoped.all()} == {office.sold.id}
