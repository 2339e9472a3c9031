"""The way in: an API key as a bearer token, and the right that an operation needs."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security.base import AuthBase

from kassa.core.clock import utc_now
from kassa.identity.actor import Actor
from kassa.identity.domain.api_keys import authenticate_api_key
from kassa.identity.errors import KeyMissing
from kassa.identity.permissions import Permission


def actor_of(request: HttpRequest) -> Actor:
    """Return who is asking.

    Raises:
        KeyMissing: the request carries no key.
        KeyInvalid: the key is not valid.
    """
    return authenticate(request.META.get("HTTP_AUTHORIZATION", ""))


def authenticate(header: str) -> Actor:
    """Return who an ``Authorization`` header stands for.

    Raises:
        KeyMissing: it carries no key.
        KeyInvalid: the key is not valid.
    """
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise KeyMissing
    return authenticate_api_key(secret.strip(), now=utc_now())


class Requires(AuthBase):
    """Lets a request pass if its key has one permission; ``request.auth`` is then the actor.

    ``or_else`` is another permission that does as well.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, permission: Permission, *, or_else: Permission | None = None) -> None:
        self.permission = permission
        self.or_else = or_else
        super().__init__()

    def __call__(self, request: HttpRequest) -> Actor:
        actor = actor_of(request)
        request.__dict__["auth"] = actor  # also of a request that is refused: the security log names it
        if self.or_else is None or self.or_else not in actor.permissions:
            actor.require(self.permission)
        return actor


Requires.__name__ = "ApiKey"
"""The name under which the description of the API shows it."""
