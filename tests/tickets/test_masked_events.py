"""Events of earlier versions, with whole codes and links in them, are masked where they are kept."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import orjson
import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

import kassa.tickets.migrations
from kassa.admission.domain import events as door_events
from kassa.core import outbox
from kassa.core.models import OutboxEvent
from kassa.orders.domain import events as order_events
from kassa.payments.domain import events as refund_events
from kassa.tickets.migrations import _mask_events
from tests.attacks.test_secrets_in_events import ACTS, give_away_for_nothing
from tests.support.event_secrets import find_secrets

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = re.compile(r'"(code|label)":"[^"]*"|(?<=/orders/)[^/]{60,}(?=/back)|(?<=/orders/)hidden(?=/back)')
"""What may change in an event, as it is written."""
[FILE] = Path(kassa.tickets.migrations.__path__[0]).glob("*_masked_events.py")


def migrate() -> None:
    """Apply the migration to the database as it is."""
    state = MigrationLoader(connection).project_state()
    migration = import_module(f"kassa.tickets.migrations.{FILE.stem}").Migration(FILE.stem, "tickets")
    with connection.schema_editor(atomic=migration.atomic) as editor:
        migration.apply(state, editor)


def envelopes() -> dict[str, str]:
    rows = OutboxEvent.unscoped.order_by("position").values_list("id", "envelope")
    return {str(event_id): envelope for event_id, envelope in rows}


def tell_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything happen, and be told as it was by earlier versions."""
    with monkeypatch.context() as patch:
        patch.setattr(order_events, "mask_code", lambda code: code)
        patch.setattr(outbox, "mask_links", lambda text, _: text)
        patch.setattr(refund_events, "mask_last_word", lambda text: text)
        patch.setattr(door_events, "masked", lambda code: f"…{code[-4:]}")
        for act in ACTS:
            act()


def test_kept_events_hide_codes_and_links_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    tell_as_before(monkeypatch)
    monkeypatch.setattr(_mask_events, "BATCH", 7)
    before, secrets = envelopes(), find_secrets()
    assert len(secrets) > 20

    migrate()

    after = envelopes()
    assert find_secrets() == []
    assert list(after) == list(before)
    changed = {event_id for event_id in before if after[event_id] != before[event_id]}
    assert 0 < len(changed) < len(before)
    assert [SECRETS.sub("", text) for text in after.values()] == [
        SECRETS.sub("", text) for text in before.values()
    ]
    migrate()
    assert envelopes() == after


def test_events_masked_at_the_door_stay_unless_the_code_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    tell_as_before(monkeypatch)

    migrate()

    codes = [
        data["ticket"]["code"]
        for data in (orjson.loads(envelope)["data"] for envelope in envelopes().values())
        if "scan" in data
    ]
    assert [len(code) for code in codes] == [5, 1]


def test_new_events_are_what_the_migration_would_make_of_old_ones() -> None:
    give_away_for_nothing()
    before = envelopes()

    migrate()

    assert before
    assert envelopes() == before
