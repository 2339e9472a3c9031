"""The way in: an API key as a bearer token, and the right that an operation needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest
from ninja.security.base import AuthBase

from kassa.api.rate_limits import INVALID_KEYS, require_request
from kassa.core.actor import Actor
from kassa.core.client_address import countable_address_in
from kassa.core.clock import utc_now
from kassa.core.commands import AnyCommand, Command
from kassa.core.permissions import Permission
from kassa.core.rate_limits import require
from kassa.identity.domain.api_keys import authenticate_api_key
from kassa.identity.errors import KeyInvalid, KeyMissing


def actor_of(request: HttpRequest) -> Actor:
    """Return who is asking.

    Raises:
        KeyMissing: the request carries no key.
        KeyInvalid: the key is not valid.
    """
    return authenticate(request.META.get("HTTP_AUTHORIZATION", ""), now=utc_now())


def authenticate(header: str, *, now: datetime) -> Actor:
    """Return who an ``Authorization`` header stands for.

    Raises:
        KeyMissing: it carries no key.
        KeyInvalid: the key is not valid.
    """
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise KeyMissing
    return authenticate_api_key(secret.strip(), now=now)


class Count(Protocol):
    """Counts a request of an actor, and raises TooManyRequests when there were too many."""

    def __call__(self, actor: Actor, *, now: datetime) -> None: ...


def authenticate_request(request: HttpRequest, *, now: datetime) -> Actor:
    """Return who is asking; an address that has asked without a valid key too often is told to wait.

    Raises:
        TooManyRequests: it has.
        KeyMissing: the request carries no key.
        KeyInvalid: the key is not valid.
    """
    return authenticate_counted(request.META, now=now)


def authenticate_counted(environ: Mapping[str, Any], *, now: datetime) -> Actor:
    """Return who is asking, as :func:`authenticate_request` does, by a WSGI environment."""
    try:
        return authenticate(environ.get("HTTP_AUTHORIZATION", ""), now=now)
    except (KeyMissing, KeyInvalid):
        address = countable_address_in(environ)
        if address is not None:
            require(INVALID_KEYS, address.host, now=now)
        raise


class Requires(AuthBase):
    """Lets a request pass if its key has one permission; ``request.auth`` is then the actor.

    ``needed`` is that permission, or the command that needs it.

    ``or_else`` is another permission that does as well; ``count`` counts the request for a rate limit.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "An API key of the organisation, sent as `Authorization: Bearer <key>`."

    def __init__(
        self,
        needed: Permission | AnyCommand,
        *,
        or_else: Permission | None = None,
        count: Count = require_request,
    ) -> None:
        permission = needed.permission if isinstance(needed, Command) else needed
        if permission is None:
            raise ValueError(f"{needed!r} needs no permission: say which one this operation does.")
        self.permission = permission
        self.or_else = or_else
        self.count = count
        super().__init__()

    def __call__(self, request: HttpRequest) -> Actor:
        now = utc_now()
        actor = authenticate_request(request, now=now)
        request.__dict__["auth"] = actor  # also of a request that is refused: the security log names it
        self.count(actor, now=now)
        if self.or_else is None or self.or_else not in actor.permissions:
            actor.require(self.permission)
        return actor


Requires.__name__ = "ApiKey"
"""The name under which the description of the API shows it."""
