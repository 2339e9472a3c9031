"""Logs name no secret address."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from kassa.core.log import HideSecretLinks
from kassa.notifications.domain.mailbox import mailbox_secret
from kassa.tickets.domain.links import order_token, ticket_token, transfer_token


def logged(message: str, *args: object) -> str:
    record = logging.LogRecord("kassa.api", logging.ERROR, __file__, 1, message, args, None)
    assert HideSecretLinks().filter(record)
    return record.getMessage()


@pytest.mark.parametrize(
    ("page", "token"),
    [
        ("orders", order_token(uuid4(), uuid4(), 0)),
        ("tickets", ticket_token(uuid4(), uuid4(), 3, "K7QM4TWX9PRA")),
        ("transfers", transfer_token(uuid4(), uuid4(), 0)),
        ("mailbox", mailbox_secret("secret")),
    ],
    ids=["order", "ticket", "transfer", "mailbox"],
)
def test_secret_addresses_are_not_logged(page: str, token: str) -> None:
    assert logged("%s %s failed", "POST", f"/{page}/{token}/more") == f"POST /{page}/…/more failed"


def test_all_else_is_logged_as_it_is() -> None:
    address = f"/api/v1/tickets/{uuid4()}"

    assert logged("%s %s: %d of %s", "GET", address, 3, "100%") == f"GET {address}: 3 of 100%"


def test_every_handler_hides_them() -> None:
    handlers: Any = settings.LOGGING["handlers"]

    assert all(handler["filters"] == ["no_secrets"] for handler in handlers.values())
