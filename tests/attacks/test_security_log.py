"""Whoever got in cannot tidy up behind them: the log keeps what it has, and a flood does not fill it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kassa.core.clock import utc_now
from kassa.core.request_origin import RequestOrigin
from kassa.identity.domain import refusal_log
from kassa.identity.domain.refusal_log import forget_refusals, record_refusal
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import AccountSecurityEvent, Membership, SecurityEvent, SecurityRecord, User
from kassa.organizations.models import Organization
from tests.support.factories import make_actor, make_organization

pytestmark = pytest.mark.django_db
SEEN = RequestOrigin("192.0.2.7", "Browser")


def record(*, days_ago: int = 0) -> Organization:
    organization = make_organization()
    user = User.objects.create_user(f"ada-{organization.id}@example.com", name="Ada")
    Membership.unscoped.create(organization=organization, user=user, role="owner")
    record_security_event(
        SecurityEventKind.PASSWORD_CHANGED,
        now=utc_now() - timedelta(days=days_ago),
        user_id=user.id,
        origin=SEEN,
    )
    return organization


def rows(model: type[SecurityRecord]) -> list[SecurityRecord]:
    return list(model._meta.base_manager.order_by("id"))


@pytest.mark.parametrize("model", [SecurityEvent, AccountSecurityEvent])
@pytest.mark.parametrize(
    "change",
    [
        {"kind": "sign_in.succeeded"},
        {"details": {"forged": True}},
        {"actor_id": None},
        {"subject_id": None},
        {"created_at": utc_now() - timedelta(days=40)},
        {"address": "198.51.100.1"},
        {"user_agent": "Somebody else"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_entry_cannot_be_changed(model: type[SecurityRecord], change: dict[str, object]) -> None:
    record()
    before = rows(model)[-1].__dict__

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        model._meta.base_manager.update(**change)

    assert "written once" in str(refused.value)
    assert {**rows(model)[-1].__dict__, "_state": None} == {**before, "_state": None}


@pytest.mark.parametrize("model", [SecurityEvent, AccountSecurityEvent])
def test_entry_cannot_be_deleted(model: type[SecurityRecord]) -> None:
    record(days_ago=29)

    with pytest.raises(IntegrityError), transaction.atomic():
        model._meta.base_manager.all().delete()

    assert rows(model)


@pytest.mark.parametrize("model", [SecurityEvent, AccountSecurityEvent])
def test_control_old_entries_go_and_people_are_forgotten(model: type[SecurityRecord]) -> None:
    record(days_ago=31)

    model._meta.base_manager.update(address=None, user_agent="")
    assert {(row.address, row.user_agent) for row in rows(model)} == {(None, "")}
    model._meta.base_manager.filter(created_at__lt=utc_now() - timedelta(days=30)).delete()

    assert not [row for row in rows(model) if row.kind == SecurityEventKind.PASSWORD_CHANGED]


def test_repeated_refusals_fill_no_table() -> None:
    actor = make_actor(make_organization())
    for _ in range(500):
        record_refusal(
            SecurityEventKind.REQUEST_FORBIDDEN,
            now=utc_now(),
            organization_id=actor.organization_id,
            actor=actor,
            details={"permission": "order:read"},
        )
    for number in range(500):
        record_refusal(
            SecurityEventKind.REQUEST_FORBIDDEN,
            now=utc_now(),
            organization_id=actor.organization_id,
            actor=actor,
            details={"permission": str(number)},
        )

    written = SecurityEvent.objects.of(actor.organization_id).filter(kind="request.forbidden").count()
    assert written == refusal_log.MOST_PER_MINUTE


def test_control_refusals_are_written_while_they_are_few() -> None:
    actor = make_actor(make_organization())
    for _ in range(3):
        forget_refusals()
        record_refusal(
            SecurityEventKind.REQUEST_FORBIDDEN,
            now=utc_now(),
            organization_id=actor.organization_id,
            actor=actor,
        )

    assert SecurityEvent.objects.of(actor.organization_id).filter(kind="request.forbidden").count() == 3
