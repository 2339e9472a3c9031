"""Whoever reads the log gets no address and no key that opens anything."""

from __future__ import annotations

import logging
import re
from secrets import token_urlsafe
from uuid import uuid4

import pytest

from kassa.core.log import HideSecretLinks
from tests.contract.test_none_one_many import ROUTES

PLACES = re.compile(r"<str:(?:token|secret|reference)>")
SECRET_ROUTES = [route for route in ROUTES if PLACES.search(route)]


def logged(message: str) -> str:
    record = logging.LogRecord("kassa.api", logging.ERROR, __file__, 1, message, (), None)
    assert HideSecretLinks().filter(record)
    return record.getMessage()


@pytest.mark.parametrize("route", SECRET_ROUTES)
def test_no_secret_address_is_logged(route: str) -> None:
    secret = token_urlsafe(32)
    path = f"GET /{PLACES.sub(secret, route)} failed"

    assert secret in path  # the control
    assert secret not in logged(path)


def test_neither_are_keys_and_codes() -> None:
    secret = token_urlsafe(32)
    for message in (
        f"Authorization: Bearer kassa_0123456789_{secret}",
        f"GET /account/oidc/acme/login/callback/?code={secret}&state={secret} 500",
        f'GET /x?lang=fr&token={secret}" 500',
    ):
        assert secret not in logged(message)


def test_ids_stay_so_that_a_fault_can_be_found() -> None:
    """The control: a log that hides everything is none."""
    message = f"GET /api/v1/orders/{uuid4()}/tickets?status=paid&cursor={token_urlsafe(32)} failed"

    assert logged(message) == message
