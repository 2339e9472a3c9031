"""What the activity log says of a change, and what it must never hold."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import transaction

from kassa.core.activity_log import CONCEALED, MAX_TEXT, build_changes, record_activity, snapshot
from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.core.ids import new_id
from kassa.core.models import LogEntry
from kassa.organizations.models import Organization
from tests.support.factories import make_organization

NOW = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)


def test_changes_are_what_differs_before_and_after() -> None:
    before = {"name": "Standing", "price": Decimal("45.00"), "hidden": False}
    after = {"name": "Standing", "price": Decimal("49.50"), "hidden": True}

    assert build_changes(before, after) == {"hidden": [False, True], "price": ["45.00", "49.50"]}


def test_personal_values_are_named_and_not_stored() -> None:
    changes = build_changes({"email": "ada@example.org"}, {"email": ""}, concealed={"email"})

    assert changes == {"email": [CONCEALED, ""]}


def test_long_texts_are_cut() -> None:
    [before, after] = build_changes({}, {"text": {"en": "a" * (MAX_TEXT + 1)}})["text"]

    assert before is None
    assert after == {"en": "a" * MAX_TEXT + CONCEALED}


def test_values_are_stored_as_json() -> None:
    one = UUID(int=1)
    after = {"at": NOW, "ids": [one], "names": {"b", "a"}}

    assert {name: pair[1] for name, pair in build_changes({}, after).items()} == {
        "at": "2027-03-01T09:30:00+00:00",
        "ids": [str(one)],
        "names": ["a", "b"],
    }


@pytest.fixture
def organization(db: None) -> Organization:
    return make_organization()


def test_an_entry_says_who_did_what_why_and_from_where(organization: Organization) -> None:
    user, request = new_id(), new_id()
    actor = Actor.member(organization.id, user, frozenset())
    context = CommandContext(actor, NOW, "As agreed.", request, "192.0.2.7")
    before = snapshot(organization)
    organization.name = "Harbour House"
    with transaction.atomic():
        record_activity(context, "organization.changed", organization, before=before)

    entry = LogEntry.objects.of(organization.id).get(action="organization.changed")
    assert (entry.actor_kind, entry.actor_id, entry.created_at) == ("user", user, NOW)
    assert (entry.subject_kind, entry.subject_id) == ("organization", organization.id)
    assert entry.changes == {"name": ["Harbour Hall", "Harbour House"]}
    assert (entry.reason, entry.request_id, entry.address) == ("As agreed.", request, "192.0.2.7")


def test_an_entry_goes_with_the_transaction_of_its_change(organization: Organization) -> None:
    context = CommandContext.system(organization.id, now=NOW)
    entries = LogEntry.objects.of(organization.id).filter(action="organization.tested")
    with transaction.atomic():
        record_activity(context, "organization.tested", organization)
        assert entries.count() == 1
        transaction.set_rollback(True)

    assert not entries.exists()


def test_a_change_that_changes_nothing_is_not_written_down(organization: Organization) -> None:
    context = CommandContext.system(organization.id, now=NOW)
    entries = LogEntry.objects.of(organization.id)
    before = entries.count()
    with transaction.atomic():
        record_activity(context, "organization.changed", organization, before=snapshot(organization))

    assert entries.count() == before
