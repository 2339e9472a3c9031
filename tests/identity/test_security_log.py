"""The security log: what stands in it, whose it is, and how long it is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import RequestFactory

from kassa.admission.domain.devices import create_device, enrol_device, revoke_device
from kassa.core.actor import Actor, ActorKind
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.request_origin import begin_request, current_origin, end_request
from kassa.identity.domain.api_keys import create_api_key, revoke_api_key
from kassa.identity.domain.security_log import delete_old_security_events, record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import AccountSecurityEvent, Membership, SecurityEvent, User
from kassa.organizations.models import Organization
from kassa.payments.domain.accounts import configure_provider, remove_provider
from kassa.tickets.domain.keys import revoke_key, rotate_keys
from kassa.tickets.domain.wallet_accounts import remove_wallet
from kassa.tickets.enums import WalletKind
from tests.contract.tickets import set_up_wallets
from tests.support.factories import PROVIDER_SETTINGS, make_actor, make_organization

pytestmark = pytest.mark.django_db


def make_member(*organizations: Organization) -> User:
    user = User.objects.create_user("ada@example.com", name="Ada")
    for organization in organizations:
        Membership.unscoped.create(organization=organization, user=user, role="admin")
    return user


def entries(organization_id: UUID, *kinds: SecurityEventKind) -> list[SecurityEvent]:
    found = SecurityEvent.objects.of(organization_id).order_by("id")
    return list(found.filter(kind__in=kinds) if kinds else found)


def test_account_event_stands_in_the_logs_of_the_persons_organisations_alone() -> None:
    hall, club, other = make_organization(), make_organization(), make_organization()
    user = make_member(hall, club)

    record_security_event(SecurityEventKind.PASSWORD_CHANGED, now=utc_now(), user_id=user.id)

    logs = [entries(one.id, SecurityEventKind.PASSWORD_CHANGED) for one in (hall, club, other)]
    assert [len(log) for log in logs] == [1, 1, 0]
    [own] = AccountSecurityEvent.objects.filter(user_id=user.id)
    assert (own.actor_kind, own.actor_id, own.subject_id) == (ActorKind.USER, user.id, user.id)


def test_failure_names_no_actor() -> None:
    hall = make_organization()
    user = make_member(hall)

    record_security_event(
        SecurityEventKind.SIGN_IN_FAILED, now=utc_now(), user_id=user.id, is_recognised=False
    )

    [entry] = entries(hall.id, SecurityEventKind.SIGN_IN_FAILED)
    assert (entry.actor_kind, entry.actor_id, entry.subject_id) == (None, None, user.id)


def configure(actor: Actor) -> None:
    configuration, secrets = PROVIDER_SETTINGS["manual"]
    configure_provider(
        CommandContext(actor, utc_now()),
        "manual",
        configuration=configuration,
        secrets=secrets,
        is_enabled=True,
    )


def use_device(actor: Actor) -> None:
    device, enrolment = create_device(CommandContext(actor, utc_now()), name="Phone")
    enrol_device(enrolment.code, now=utc_now())
    revoke_device(CommandContext(actor, utc_now()), device.id)


def use_key(actor: Actor) -> None:
    made = create_api_key(CommandContext(actor, utc_now()), name="Web", scopes=["offer:read"])
    for _ in range(2):
        revoke_api_key(CommandContext(actor, utc_now()), made.key.id)


def use_signing_key(actor: Actor) -> None:
    made = rotate_keys(CommandContext(actor, utc_now()))
    for _ in range(2):
        revoke_key(CommandContext(actor, utc_now()), made.key_id)


def use_provider(actor: Actor) -> None:
    configure(actor)
    remove_provider(CommandContext(actor, utc_now()), "manual")


def use_wallet(actor: Actor) -> None:
    set_up_wallets(Organization.objects.get(id=actor.organization_id))
    remove_wallet(CommandContext(actor, utc_now()), WalletKind.APPLE)


@pytest.mark.parametrize(
    ("act", "kinds"),
    [
        (use_key, ["api_key.created", "api_key.revoked"]),
        (use_provider, ["provider.changed", "provider.changed"]),
        (use_wallet, ["wallet.changed", "wallet.changed", "wallet.changed"]),
        (use_signing_key, ["signing_key.changed", "signing_key.changed"]),
        (
            use_device,
            ["device.added", "api_key.created", "device.enrolled", "device.revoked", "api_key.revoked"],
        ),
    ],
)
def test_changes_of_access_are_recorded_once(act: Callable[[Actor], None], kinds: list[str]) -> None:
    actor = make_actor(make_organization())
    before = len(entries(actor.organization_id))

    act(actor)

    written = entries(actor.organization_id)[before:]
    assert [entry.kind for entry in written] == kinds
    assert {entry.actor_id for entry in written} <= {actor.id, None}
    assert written[-1].actor_id == actor.id


def test_secrets_of_providers_stand_in_no_entry() -> None:
    actor = make_actor(make_organization())

    configure(actor)

    [entry] = entries(actor.organization_id, SecurityEventKind.PROVIDER_CHANGED)
    assert entry.details == {"provider": "manual", "is_enabled": True, "secrets": []}


def test_entry_names_the_request(settings: Any) -> None:
    hall = make_organization()
    settings.TRUSTED_PROXIES = 1
    request = RequestFactory().get(
        "/", HTTP_USER_AGENT="Browser" * 100, HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.7"
    )
    token = begin_request(request)
    try:
        record_security_event(SecurityEventKind.MEMBER_CHANGED, now=utc_now(), organization_id=hall.id)
    finally:
        end_request(token)

    [entry] = entries(hall.id)
    assert entry.address == "192.0.2.7"
    assert entry.user_agent == ("Browser" * 100)[:300]
    assert current_origin().address is None


def test_each_entry_is_a_line_of_the_log_without_names(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    hall = make_organization()
    user = make_member(hall)
    with caplog.at_level(logging.INFO, "kassa.security"), django_capture_on_commit_callbacks(execute=True):
        record_security_event(
            SecurityEventKind.FACTOR_ADDED, now=utc_now(), user_id=user.id, details={"type": "totp"}
        )

    [line] = [record.getMessage() for record in caplog.records]
    assert line == (f"factor.added actor=user:{user.id} subject={user.id} organizations={hall.id} type=totp")


def test_entries_are_deleted_after_the_time_that_is_set(settings: Any) -> None:
    hall = make_organization()
    user = make_member(hall)
    settings.SECURITY_LOG_DAYS = 90
    for days in (89, 91):
        record_security_event(
            SecurityEventKind.PASSWORD_CHANGED, now=utc_now() - timedelta(days=days), user_id=user.id
        )

    assert delete_old_security_events(now=utc_now()) == 2

    assert len(entries(hall.id, SecurityEventKind.PASSWORD_CHANGED)) == 1
    assert AccountSecurityEvent.objects.filter(user_id=user.id).count() == 1
