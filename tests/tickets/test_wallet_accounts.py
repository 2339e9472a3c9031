"""Wallet accounts: what does not fit together is refused, and nothing secret comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import InvalidInput, NotFound
from kassa.organizations.models import Organization
from kassa.tickets.domain.wallet_accounts import (
    WalletView,
    configure_wallet,
    remove_wallet,
    wallet_credentials,
    wallet_view,
    wallet_views,
    wallets_of,
)
from kassa.tickets.enums import WalletKind
from kassa.tickets.errors import WalletNotConfigured
from kassa.tickets.models import WalletAccount
from tests.support.factories import make_organization
from tests.tickets.certificates import (
    APPLE,
    GOOGLE,
    apple_secrets,
    authority,
    new_key,
    pass_certificate,
    pem_of,
)

pytestmark = pytest.mark.django_db
KEY = "private_key"


@pytest.fixture
def organization() -> Organization:
    return make_organization()


def set_up(organization: Organization, **changes: Any) -> WalletView:
    given: dict[str, Any] = {
        "configuration": APPLE,
        "secrets": apple_secrets(),
        "kind": WalletKind.APPLE,
        "now": utc_now(),
        **changes,
    }
    kind = given.pop("kind")
    return configure_wallet(CommandContext.system(organization.id, now=given.pop("now")), kind, **given)


def with_password() -> str:
    pem = new_key("leaf").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    return pem.decode()


def test_what_was_set_up_is_shown_without_its_secrets(organization: Organization) -> None:
    secrets = apple_secrets()
    view = set_up(organization, secrets=secrets)
    stored = WalletAccount.objects.of(organization.id).get()

    assert view == wallet_view(organization.id, WalletKind.APPLE)
    assert view.configuration == APPLE
    assert view.secrets_set == ("certificate", "intermediate_certificate", "private_key")
    assert view.expires_at is not None
    assert "BEGIN" not in stored.secrets
    assert not any(secret in str(view) for secret in secrets.values())
    assert [each.is_configured for each in wallet_views(organization.id)] == [True, False]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"certificate": "no certificate"}, "certificate"),
        ({"private_key": "no key"}, KEY),
        ({"private_key": lambda: pem_of(new_key("another"))}, KEY),
        ({"private_key": lambda: pem_of(new_key("short", 1024))}, KEY),
        ({"private_key": lambda: pem_of(Ed25519PrivateKey.generate())}, KEY),
        ({"private_key": with_password}, KEY),
        ({"intermediate_certificate": lambda: authority("Somebody else").pem}, "intermediate_certificate"),
        (
            {"certificate": lambda: pass_certificate(authority(), ends=utc_now() - timedelta(hours=1)).pem},
            "certificate",
        ),
        (
            {"certificate": lambda: pass_certificate(authority(), starts=utc_now() + timedelta(1)).pem},
            "certificate",
        ),
        ({"secret": "x"}, "secret"),
        ({"certificate": " "}, "certificate"),
    ],
)
def test_what_does_not_fit_is_refused(
    organization: Organization, changes: dict[str, Any], field: str
) -> None:
    given = {name: value() if callable(value) else value for name, value in changes.items()}

    with pytest.raises(InvalidInput) as refused:
        set_up(organization, secrets={**apple_secrets(), **given})

    assert [error["field"] for error in refused.value.details["errors"]] == [field]
    assert wallets_of(organization.id) == set()


@pytest.mark.parametrize("changes", [{"team_id": "ANOTHER"}, {"pass_type_id": "pass.other"}])
def test_a_certificate_made_for_others_is_refused(
    organization: Organization, changes: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput, match=next(iter(changes))):
        set_up(organization, configuration={**APPLE, **changes})


def test_all_settings_are_needed_at_first_and_secrets_stay_afterwards(organization: Organization) -> None:
    with pytest.raises(InvalidInput, match="team_id"):
        set_up(organization, configuration={"pass_type_id": "pass.example"})
    with pytest.raises(InvalidInput, match="certificate"):
        set_up(organization, secrets={})
    set_up(organization)
    before = wallet_credentials(organization.id, WalletKind.APPLE, now=utc_now())
    set_up(organization, secrets={})

    assert wallet_credentials(organization.id, WalletKind.APPLE, now=utc_now()).secrets == before.secrets


def test_a_refused_change_changes_nothing(organization: Organization) -> None:
    before = set_up(organization)

    with pytest.raises(InvalidInput):
        set_up(organization, secrets={"private_key": pem_of(new_key("another"))})

    assert wallet_view(organization.id, WalletKind.APPLE) == before
    wallet_credentials(organization.id, WalletKind.APPLE, now=utc_now())


def test_googles_account_needs_a_key(organization: Organization) -> None:
    with pytest.raises(InvalidInput, match="private_key"):
        set_up(organization, kind=WalletKind.GOOGLE, configuration=GOOGLE, secrets={"private_key": "x"})
    view = set_up(
        organization,
        kind=WalletKind.GOOGLE,
        configuration=GOOGLE,
        secrets={"private_key": pem_of(new_key("google"))},
    )

    assert (view.configuration, view.expires_at) == (GOOGLE, None)


def test_secrets_that_cannot_be_decrypted_make_no_passes(organization: Organization, settings: Any) -> None:
    set_up(organization)
    settings.ENCRYPTION_KEYS = ["another"]

    with pytest.raises(WalletNotConfigured):
        wallet_credentials(organization.id, WalletKind.APPLE, now=utc_now())
    assert not wallet_view(organization.id, WalletKind.APPLE).is_configured


def test_what_is_removed_is_gone(organization: Organization) -> None:
    others = make_organization()
    set_up(organization)

    with pytest.raises(NotFound):
        remove_wallet(CommandContext.system(others.id, now=utc_now()), WalletKind.APPLE)
    remove_wallet(CommandContext.system(organization.id, now=utc_now()), WalletKind.APPLE)

    assert wallets_of(organization.id) == set()
    with pytest.raises(NotFound):
        remove_wallet(CommandContext.system(organization.id, now=utc_now()), WalletKind.APPLE)
