"""What an organisation may configure of Stripe."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.core.errors import InvalidInput
from kassa.core.ids import new_id
from kassa.integrations.stripe.provider import StripeProvider
from kassa.payments.providers.protocol import Credentials, Provider
from kassa.payments.providers.registry import provider_named

GOOD = {
    "secret_key": "sk_live_0123456789abcdef",
    "webhook_secret": "whsec_0123456789abcdef",
    "connected_account": "",
    "api_base": "",
}


def credentials(**changes: Any) -> Credentials:
    given = {**GOOD, **changes}
    return Credentials(
        organization_id=new_id(),
        configuration={name: given[name] for name in ("connected_account", "api_base")},
        secrets={name: given[name] for name in ("secret_key", "webhook_secret")},
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"secret_key": "rk_test_0123456789abcdef"},
        {"webhook_secret": "whsec_0123456789abcdef whsec_abcdef0123456789"},
        {"connected_account": "acct_1AbCdEfGhIjKlMn"},
        {"api_base": "https://stripe.proxy.example.org"},
        {"api_base": "https://stripe.proxy.example.org/"},
    ],
)
def test_what_looks_right_is_accepted(changes: dict[str, str], settings: Any) -> None:
    settings.STRIPE_API_BASES = ["https://stripe.proxy.example.org"]
    StripeProvider().check_configuration(credentials(**changes))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("secret_key", ""),
        ("secret_key", "pk_live_0123456789abcdef"),
        ("secret_key", "sk_live_0123456789abcdef\n"),
        ("secret_key", "sk_live_0123456789\r\nX-Header: 1"),
        ("webhook_secret", ""),
        ("webhook_secret", "0123456789abcdef"),
        ("webhook_secret", "whsec_0123456789abcdef other"),
        ("connected_account", "1AbCdEfGhIjKlMn"),
        ("connected_account", "acct_1/../../"),
        ("api_base", "https://stripe.example.org"),
        ("api_base", "http://127.0.0.1:8000"),
        ("api_base", "file:///etc/passwd"),
        ("api_base", "stripe"),
    ],
)
def test_what_looks_wrong_is_refused_by_its_field(field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        StripeProvider().check_configuration(credentials(**{field: value}))

    assert [error["field"] for error in refusal.value.details["errors"]] == [field]
    assert "0123456789" not in refusal.value.detail


def test_nothing_configured_names_the_first_field() -> None:
    empty = Credentials(organization_id=new_id(), configuration={}, secrets={})

    with pytest.raises(InvalidInput, match="secret key"):
        StripeProvider().check_configuration(empty)


def test_stripe_is_a_provider_of_kassas() -> None:
    provider: Provider = StripeProvider()

    assert (provider.name, provider.title) == ("stripe", "Stripe")
    assert (provider.needs_account, provider.can_refund) == (True, True)
    assert [setting.name for setting in provider.settings if setting.is_secret] == [
        "secret_key",
        "webhook_secret",
    ]


def test_stripe_is_registered() -> None:
    assert isinstance(provider_named("stripe"), StripeProvider)
