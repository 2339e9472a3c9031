"""Calls to Stripe with an organisation's key: bounded in time, with errors in Kassa's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NoReturn, TypeVar

import stripe

from kassa.integrations.stripe.amounts import NotChargeable
from kassa.integrations.stripe.bounded import BoundedHttp, Gate
from kassa.integrations.stripe.settings import api_base
from kassa.payments.providers.protocol import CALL_SECONDS, Credentials, ProviderRefused, ProviderUnreachable

ACCOUNTS_KEPT = 256
"""Accounts whose connections stay open for the next call, in one process."""

Result = TypeVar("Result")


def call(credentials: Credentials, operation: Callable[[stripe.StripeClient], Result]) -> Result:
    """Run an operation, of one call to Stripe or several, within the time that a provider has.

    Raises:
        ProviderRefused: Stripe said no, or cannot move this amount.
        ProviderUnreachable: whether it was done is not known.
    """
    client, gate = _account(credentials.secrets.get("secret_key", ""), api_base(credentials))
    try:
        return gate.run(lambda: operation(client))
    except stripe.StripeError as error:
        _translate(error)
    except NotChargeable as error:
        raise ProviderRefused(str(error), code="amount_not_chargeable") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProviderUnreachable(f"Stripe's answer made no sense ({type(error).__name__}).") from None


@lru_cache(maxsize=ACCOUNTS_KEPT)
def _account(secret_key: str, address: str) -> tuple[stripe.StripeClient, Gate]:
    """Return the client for a key and an address, the same one every time."""
    client = stripe.StripeClient(
        secret_key,
        base_addresses={"api": address},
        http_client=BoundedHttp(CALL_SECONDS),
        # Whoever calls repeats under the same key, at a time of their own choice.
        max_network_retries=0,
    )
    return client, Gate(seconds=CALL_SECONDS)


def _translate(error: stripe.StripeError) -> NoReturn:
    """Raise what an error of the SDK means. Its cause is left off: it carries headers and bodies."""
    if isinstance(error, stripe.AuthenticationError):
        raise ProviderRefused("Stripe does not accept the secret key.", code="authentication_error") from None
    if isinstance(error, stripe.PermissionError):
        raise ProviderRefused(
            "The secret key is not allowed to do this. Give it the rights for Checkout Sessions, "
            "PaymentIntents and refunds.",
            code="permission_error",
        ) from None
    if isinstance(error, stripe.IdempotencyError):
        raise ProviderRefused("The same key was used for something else.", code="idempotency_error") from None
    if isinstance(error, (stripe.CardError, stripe.InvalidRequestError)):
        message = without_keys(error.user_message or "Stripe refused without saying why.")
        raise ProviderRefused(message, code=error.code or "") from None
    status = error.http_status
    raise ProviderUnreachable(f"Stripe answered {status}." if status else "Stripe did not answer.") from None


def without_keys(text: str) -> str:
    """Return a text with everything that looks like a key of Stripe's taken out."""
    return re.sub(r"\b(sk|rk|pk|whsec)_[\w*]+", "…", text)[:500]
