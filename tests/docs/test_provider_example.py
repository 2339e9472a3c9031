"""The example of a payment provider in the documentation is one, and keeps its own rules."""

from __future__ import annotations

import hashlib
import hmac
import inspect
import json
import re
import socket
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kassa.core.errors import InvalidInput
from kassa.core.ids import new_id
from kassa.payments.providers.protocol import (
    Credentials,
    PaymentSeen,
    PaymentState,
    Provider,
    ProviderUnreachable,
    WebhookRefused,
)

PAGE = Path(__file__).parents[2] / "docs" / "developers" / "payment-providers.md"
SECRET = "a secret of the service's own"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
CREDENTIALS = Credentials(organization_id=new_id(), configuration={}, secrets={"secret_key": SECRET})


@pytest.fixture
def provider() -> Any:
    """Return the provider of the example."""
    [source] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(source, str(PAGE), "exec"), names)  # noqa: S102 - it is our own page that is tried
    return names["TokenProvider"]()


def signed(body: bytes, *, at: datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    mark = hmac.new(SECRET.encode(), f"{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"x-tokens-signature": f"{stamp}:{mark}"}


def test_it_has_everything_that_kassa_asks_of_a_provider(provider: Any) -> None:
    methods = {name for name, _ in inspect.getmembers(Provider, inspect.isfunction) if name[0] != "_"}

    assert set(Provider.__annotations__) <= set(dir(provider))
    for name in methods:
        wanted = list(inspect.signature(getattr(Provider, name)).parameters)[1:]
        assert list(inspect.signature(getattr(provider, name)).parameters) == wanted


def test_it_reads_what_the_service_has_signed(provider: Any) -> None:
    key = new_id()
    payment = {"state": "succeeded", "id": "a1", "attempt": str(key), "payment": "p1", "currency": "EUR"}
    payment |= {"amount": "47.50", "organization": str(CREDENTIALS.organization_id)}
    body = json.dumps({"id": "e1", "type": "payment", "payment": payment}).encode()

    event = provider.verify_webhook(CREDENTIALS, headers=signed(body), body=body, now=NOW)

    assert event.seen == PaymentSeen(PaymentState.SUCCEEDED, "a1", key, "p1", Decimal("47.50"), "EUR")
    assert provider.organization_of(body) == CREDENTIALS.organization_id


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"{}", b"[" * 100_000, b'{"id": 1, "payment": 5}'])
def test_it_refuses_what_it_cannot_read(provider: Any, body: bytes) -> None:
    assert provider.organization_of(body) is None
    with pytest.raises(WebhookRefused):
        provider.verify_webhook(CREDENTIALS, headers=signed(body), body=body, now=NOW)


def test_it_refuses_what_was_not_signed_or_long_ago(provider: Any) -> None:
    body = b'{"id": "e1", "type": "other"}'
    long_ago = signed(body, at=datetime(2026, 11, 20, tzinfo=UTC))

    for headers in ({}, {"x-tokens-signature": "1:ü"}, long_ago):
        with pytest.raises(WebhookRefused):
            provider.verify_webhook(CREDENTIALS, headers=headers, body=body, now=NOW)


def test_it_does_not_know_what_it_could_not_ask(provider: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider.host = f"127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(ProviderUnreachable):
        provider.look_up(CREDENTIALS, "a1")


def test_it_names_the_field_that_is_wrong(provider: Any) -> None:
    nothing = Credentials(organization_id=new_id(), configuration={}, secrets={})

    with pytest.raises(InvalidInput, match="secret key"):
        provider.check_configuration(nothing)
