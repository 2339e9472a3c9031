"""Signing keys: one in use, however many ask for the first; rotated, revoked, and never shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import Locked, NotFound
from kassa.core.ids import new_id
from kassa.organizations.models import Organization
from kassa.tickets.domain import keys
from kassa.tickets.domain.genuine import Genuine, NotGenuine, check_qr
from kassa.tickets.domain.keys import PublicKey, known_keys, public_keys, revoke_key, rotate_keys, signing_key
from kassa.tickets.domain.qr import qr_text
from kassa.tickets.enums import Doubt
from kassa.tickets.errors import SigningKeyUnreadable
from kassa.tickets.models import SigningKey
from tests.support.factories import make_organization
from tests.tickets.test_qr import Ticket, a_ticket

pytestmark = pytest.mark.django_db(transaction=True)
NOW = utc_now()


@pytest.fixture
def organization() -> Organization:
    return make_organization()


def sign(organization: Organization, ticket: Ticket | None = None) -> str:
    return qr_text(ticket or a_ticket(), signing_key(organization.id, NOW))


def at_once(count: int, work: Callable[[], str]) -> list[str]:
    barrier = Barrier(count)

    def run() -> str:
        try:
            barrier.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


def test_the_first_need_makes_a_key_and_the_next_uses_it(organization: Organization) -> None:
    assert public_keys(organization.id) == []

    first = signing_key(organization.id, NOW)
    again = signing_key(organization.id, NOW + timedelta(days=1))

    assert first.key_id == again.key_id
    (shown,) = public_keys(organization.id)
    assert shown == PublicKey(
        SigningKey.objects.of(organization.id).get().id,
        first.key_id,
        first.private_key.public_key().public_bytes_raw(),
        NOW,
        retired_at=None,
        revoked_at=None,
    )


def test_many_who_need_the_first_key_get_the_same(organization: Organization) -> None:
    made = at_once(8, lambda: signing_key(organization.id, NOW).key_id)

    assert len(set(made)) == 1
    assert SigningKey.objects.of(organization.id).count() == 1


def test_the_private_key_is_encrypted(organization: Organization) -> None:
    key = signing_key(organization.id, NOW)
    row = SigningKey.objects.of(organization.id).get()

    assert key.private_key.private_bytes_raw().hex() not in row.private_key
    assert row.private_key.startswith("gAAAA")


def by_staff(organization: Organization, now: datetime = NOW) -> CommandContext:
    return CommandContext.system(organization.id, now=now)


def test_rotated_keys_sign_nothing_more_but_what_they_signed_stays_genuine(
    organization: Organization,
) -> None:
    ticket = a_ticket()
    before = sign(organization, ticket)
    new = rotate_keys(by_staff(organization, NOW + timedelta(days=1)))
    after = sign(organization, ticket)

    old, current = public_keys(organization.id)
    assert (old.retired_at, old.revoked_at) == (NOW + timedelta(days=1), None)
    assert current == new
    assert signing_key(organization.id, NOW).key_id == new.key_id
    assert before != after
    expected = Genuine(
        ticket.id.bytes[8:], ticket.event_id.bytes[8:], ticket.ticket_type_id.bytes[12:], ticket.code
    )
    assert check_qr(organization.id, before) == check_qr(organization.id, after) == expected


def test_only_one_of_many_who_rotate_at_once_does(organization: Organization) -> None:
    signing_key(organization.id, NOW)

    def rotate() -> str:
        try:
            return rotate_keys(by_staff(organization)).key_id
        except Locked:
            return ""

    made = at_once(6, rotate)

    rows = SigningKey.objects.of(organization.id)
    assert rows.filter(retired_at=None).count() == 1
    assert rows.count() == 1 + len([key_id for key_id in made if key_id])
    assert rows.get(retired_at=None).key_id in made


def test_what_a_revoked_key_signed_is_refused(organization: Organization) -> None:
    text = sign(organization)
    key_id = signing_key(organization.id, NOW).key_id
    revoked = revoke_key(by_staff(organization), key_id)

    assert revoked.revoked_at == revoked.retired_at == NOW
    assert check_qr(organization.id, text) == NotGenuine(Doubt.KEY_REVOKED)
    assert revoke_key(by_staff(organization, NOW + timedelta(days=1)), key_id) == revoked
    assert isinstance(check_qr(organization.id, sign(organization)), Genuine)
    assert signing_key(organization.id, NOW).key_id != key_id


def test_a_retired_key_can_be_revoked_and_stays_retired_since_then(organization: Organization) -> None:
    old = signing_key(organization.id, NOW).key_id
    rotate_keys(by_staff(organization))
    revoked = revoke_key(by_staff(organization, NOW + timedelta(hours=1)), old)

    assert (revoked.retired_at, revoked.revoked_at) == (NOW, NOW + timedelta(hours=1))
    assert len(public_keys(organization.id)) == 2


def test_nobody_revokes_a_key_of_others(organization: Organization) -> None:
    others = make_organization()
    key_id = signing_key(others.id, NOW).key_id

    with pytest.raises(NotFound):
        revoke_key(by_staff(organization), key_id)

    assert known_keys(others.id)[key_id].revoked_at is None


def test_tickets_of_others_and_forged_ones_are_doubted(organization: Organization) -> None:
    others = make_organization()
    text = sign(organization)
    ring = keys.signing_key(others.id, NOW)
    forged = qr_text(a_ticket(), keys.KeyInUse(signing_key(organization.id, NOW).key_id, ring.private_key))

    assert check_qr(others.id, text) == NotGenuine(Doubt.NOT_OURS)
    assert check_qr(organization.id, forged) == NotGenuine(Doubt.FORGED)
    assert check_qr(organization.id, "https://kassa.example") == NotGenuine(Doubt.NOT_OURS)
    assert check_qr(new_id(), text) == NotGenuine(Doubt.NOT_OURS)


def test_another_process_believes_a_revoked_key_for_less_than_a_second(organization: Organization) -> None:
    text = sign(organization)
    assert isinstance(check_qr(organization.id, text), Genuine)

    SigningKey.objects.of(organization.id).update(retired_at=NOW, revoked_at=NOW)  # as another process does
    started = time.monotonic()
    while isinstance(check_qr(organization.id, text), Genuine):
        assert time.monotonic() - started < 1.5

    assert check_qr(organization.id, text) == NotGenuine(Doubt.KEY_REVOKED)


def test_a_key_whose_making_is_undone_is_not_remembered(organization: Organization) -> None:
    with transaction.atomic():
        undone = signing_key(organization.id, NOW).key_id
        transaction.set_rollback(True)

    assert public_keys(organization.id) == []
    assert signing_key(organization.id, NOW).key_id != undone


def test_a_key_that_cannot_be_decrypted_is_replaced_by_rotating(
    organization: Organization, settings: Any
) -> None:
    text = sign(organization)
    keys._load.cache_clear()
    settings.ENCRYPTION_KEYS = ["another"]

    with pytest.raises(SigningKeyUnreadable):
        signing_key(organization.id, NOW)
    rotate_keys(by_staff(organization))

    assert isinstance(check_qr(organization.id, sign(organization)), Genuine)
    assert isinstance(check_qr(organization.id, text), Genuine)


def test_reading_keys_again_asks_nothing(
    organization: Organization, django_assert_num_queries: Callable[[int], object]
) -> None:
    text = sign(organization)
    check_qr(organization.id, text)

    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert isinstance(check_qr(organization.id, text), Genuine)


def test_organisations_have_keys_of_their_own(organization: Organization) -> None:
    others: UUID = make_organization().id

    assert signing_key(organization.id, NOW).key_id != signing_key(others, NOW).key_id
