"""How often one address may ask, counted on the network thread before anything else is done."""

from __future__ import annotations

from collections.abc import Callable

from kassa.api.rate_limits import INVALID_KEYS
from kassa.core.budgets import Rate
from kassa.core.clock import utc_now
from kassa.core.rate_limits import RateLimit, TooManyRequests, check, has_counted, require
from kassa.runtime.front.rsgi import Scope

REQUESTS = RateLimit("requests", per="address", default=Rate(50, 1, 200))
"""Requests without an API key; what pages are dressed with is not counted."""
UNCOUNTED = ("/static/", "/webhooks/", "/anymail/")
API = "/api/"
LARGE = ("/api/v1/openapi.json", ".wasm")
"""How the paths end of what is so large that sending it takes as long as many other answers."""
LARGE_COST = 10
WITHOUT_KEY = ("/api/v1/docs", "/api/v1/openapi.json", "/api/v1/problems", "/api/v1/checkin-devices/enrol")
"""What of the API is answered without looking at a key."""


def count_request(scope: Scope, find_host: Callable[[], str | None]) -> None:
    """Count a request of a client; one with an API key is counted by that, once the key is looked at.

    The application looks at the key of whatever it refuses, also where there is nothing to be had by a key.

    Where no key is needed it makes no difference, nor for a host that has guessed too many of them.

    Raises:
        TooManyRequests: the client has to wait.
    """
    is_large = scope.path.endswith(LARGE)
    if not is_large and scope.path.startswith(UNCOUNTED):
        return
    host = find_host()
    if host is None or (_brings_key(scope) and not _has_guessed(host)):
        return
    require(REQUESTS, host, now=utc_now(), cost=LARGE_COST if is_large else 1)


def _brings_key(scope: Scope) -> bool:
    return (
        scope.path.startswith(API)
        and not scope.path.startswith(WITHOUT_KEY)
        and scope.headers.get("authorization") is not None
    )


def _has_guessed(host: str) -> bool:
    """Say whether so many invalid keys came from there that the next one is refused."""
    if not has_counted(INVALID_KEYS, host):
        return False
    try:
        check(INVALID_KEYS, host, now=utc_now())
    except TooManyRequests:
        return True
    return False
