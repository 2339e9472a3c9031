"""What an organisation configures of Stripe, and the check of it."""

from __future__ import annotations

import re

import stripe
from django.conf import settings as django_settings

from kassa.core.errors import InvalidInput
from kassa.payments.providers.protocol import Credentials, Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "secret_key",
        "Secret key",
        is_secret=True,
        is_required=True,
        help="From Stripe's dashboard, Developers, API keys. A restricted key (rk_…) is enough.",
    ),
    Setting(
        "webhook_secret",
        "Signing secret of the webhook",
        is_secret=True,
        is_required=True,
        help="Shown by Stripe when the webhook is added (whsec_…). Several, separated by spaces, "
        "while one is being replaced.",
    ),
    Setting(
        "connected_account",
        "Connected account",
        help="The account (acct_…) that receives the money, where the key is a platform's.",
    ),
    Setting("api_base", "Address of the API", help="Empty for Stripe itself."),
)


def check_settings(credentials: Credentials) -> None:
    """Check that keys look like keys and addresses like addresses; Stripe is not asked.

    Raises:
        InvalidInput: one does not; it names the field.
    """
    secret_key = credentials.secrets.get("secret_key", "")
    if not re.fullmatch(r"(sk|rk)_[A-Za-z0-9_]{8,250}", secret_key):
        raise InvalidInput(
            "The secret key starts with sk_ or rk_. The publishable key (pk_…) is another one.",
            field="secret_key",
        )
    if not webhook_secrets(credentials) or not all(
        re.fullmatch(r"whsec_[A-Za-z0-9_+/=-]{8,250}", secret) for secret in webhook_secrets(credentials)
    ):
        raise InvalidInput("The signing secret of a webhook starts with whsec_.", field="webhook_secret")
    account = connected_account(credentials)
    if account and not re.fullmatch(r"acct_[A-Za-z0-9]{4,100}", account):
        raise InvalidInput("A connected account starts with acct_.", field="connected_account")
    _check_address(api_base(credentials))


def webhook_secrets(credentials: Credentials) -> list[str]:
    """Return the secrets that a webhook may be signed with."""
    return credentials.secrets.get("webhook_secret", "").split()


def connected_account(credentials: Credentials) -> str:
    """Return the account that receives the money; empty: the key's own."""
    return str(credentials.configuration.get("connected_account") or "")


def api_base(credentials: Credentials) -> str:
    """Return the address that is called, without a slash at its end."""
    return str(credentials.configuration.get("api_base") or stripe.DEFAULT_API_BASE).rstrip("/")


def _check_address(address: str) -> None:
    """Let only those addresses pass that whoever runs Kassa allows: others may lie within its network."""
    if address not in (stripe.DEFAULT_API_BASE, *django_settings.STRIPE_API_BASES):
        raise InvalidInput(
            "Leave the address empty. The operator of this Kassa allows others with KASSA_STRIPE_API_BASES.",
            field="api_base",
        )
