"""How often one address may ask, counted on the network thread before anything else is done."""

from __future__ import annotations

from kassa.core.budgets import Rate
from kassa.core.clock import utc_now
from kassa.core.rate_limits import RateLimit, require
from kassa.runtime.front.heads import find_host
from kassa.runtime.front.rsgi import Scope

REQUESTS = RateLimit("requests", per="address", default=Rate(50, 1, 200))
"""Requests without an API key; what pages are dressed with is not counted."""
UNCOUNTED = ("/static/", "/webhooks/", "/anymail/")
API = "/api/"
LARGE = frozenset({"/api/v1/openapi.json"})
"""What is so large that sending it takes as long as many other answers."""
LARGE_COST = 10


def count_request(scope: Scope) -> None:
    """Count a request of a client; one with an API key is counted by that, once the key is looked at.

    Raises:
        TooManyRequests: the client has to wait.
    """
    if scope.path.startswith(API) and scope.headers.get("authorization") is not None:
        return
    if scope.path.startswith(UNCOUNTED):
        return
    host = find_host(scope)
    if host is not None:
        require(REQUESTS, host, now=utc_now(), cost=LARGE_COST if scope.path in LARGE else 1)
