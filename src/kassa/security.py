"""What stands before every view: which hosts are served, and what browsers are told of each answer.

The outermost of all middleware, so that no quick answer and no problem document passes it by.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.http.response import HttpResponseBase
from psycopg_pool import PoolTimeout

from kassa.api.middleware import HEALTH
from kassa.api.problems import BadRequest, database_away, problem_response
from kassa.core.errors import Busy
from kassa.organizations.domain.domain_proof import FILE_PATH
from kassa.storefront.shops import shop_with_domain

FOR_ANY_HOST = (HEALTH, FILE_PATH)
"""Load balancers ask for the first by any address; the other proves that a domain leads here."""
HOSTS_REMEMBERED = 4_096

Answer = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the answers of a class of addresses say unless their view has said otherwise."""

    cache: str
    is_for_others: bool = False
    """Whether other hosts may show it: webmail, previews of links, pages with an embedded shop."""
    is_personal: bool = False
    """Whether nothing may keep it, whatever is good enough for pages that everybody sees."""


SHOP = Policy("private, no-cache")
PERSONAL = Policy("private, no-store", is_personal=True)
IN_MAILS = Policy("private, no-store", is_for_others=True, is_personal=True)
API = Policy("private, no-store")
OPEN = Policy("public, max-age=60", is_for_others=True)

CLASSES: tuple[tuple[re.Pattern[str], Policy], ...] = (
    (re.compile(r"/api/"), API),
    (re.compile(r"/static/|/pictures/|/embed\.js|/[^/]+/events/[^/]+/preview\.png"), OPEN),
    (re.compile(r"/tickets/[^/]+/qr\.png"), IN_MAILS),
    (
        re.compile(
            r"/(?:account|orders|tickets|transfers|unsubscribe|mailbox|demo-bank|webhooks|anymail)(?:/|$)"
            r"|/[^/]+/(?:cart|checkout)(?:/|$)"
        ),
        PERSONAL,
    ),
)
"""The first that matches the beginning of a path decides; all else is a page of a shop."""

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of what is no page: whoever opens it by itself gets neither scripts nor styles."""
SCRIPTS = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The policy of scripts: one that runs as a worker, such as what reads codes at the door, obeys its own."""
ALWAYS = {
    "referrer-policy": ("Referrer-Policy", "same-origin"),
    "x-content-type-options": ("X-Content-Type-Options", "nosniff"),
}
OF_PAGES = {
    "cross-origin-opener-policy": ("Cross-Origin-Opener-Policy", "same-origin"),
    "permissions-policy": ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
}
HSTS = "strict-transport-security"
KINDS_REMEMBERED = 1_024

Headers = dict[str, tuple[str, str]]
"""Each name as it is sent, and the value, by the name in lower case: as Django keeps them."""


def guard(get_response: Answer) -> Answer:
    """Refuse hosts that are not served, and tell browsers what they may do with the answer."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info in FOR_ANY_HOST:
            response = get_response(request)
        else:
            response = _refuse_host(request) or get_response(request)
        add_headers(request, response)
        return response

    return answer


def add_headers(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add what an answer of this class says, where its view has not said otherwise."""
    add_missing_headers(request.path_info, response.headers._store)  # noqa: SLF001 - six times as quick


def add_missing_headers(path: str, said: Headers) -> None:
    """Add what an answer at an address says to what its view has said."""
    policy = find_policy(path)
    kind = said["content-type"][1] if "content-type" in said else ""
    said.update(_build_headers(policy, kind, settings.HSTS_SECONDS) | said)
    if policy.is_personal and "no-store" not in said["cache-control"][1]:
        said["cache-control"] = ("Cache-Control", policy.cache)


def find_policy(path: str) -> Policy:
    """Return what answers at an address say."""
    for pattern, policy in CLASSES:
        if pattern.match(path):
            return policy
    return SHOP


@lru_cache(maxsize=KINDS_REMEMBERED)
def _build_headers(policy: Policy, kind: str, hsts_seconds: int) -> Headers:
    """Return what an answer of a policy and content type says when its view says nothing."""
    sharing = "cross-origin" if policy.is_for_others else "same-origin"
    own = SCRIPTS if kind.startswith("text/javascript") else NOTHING
    headers = ALWAYS | {
        "cross-origin-resource-policy": ("Cross-Origin-Resource-Policy", sharing),
        "cache-control": ("Cache-Control", policy.cache),
        "content-security-policy": ("Content-Security-Policy", own),
    }
    if kind.startswith("text/html"):
        headers |= OF_PAGES
    if hsts_seconds:
        headers[HSTS] = ("Strict-Transport-Security", f"max-age={hsts_seconds}")
    return headers


def _refuse_host(request: HttpRequest) -> HttpResponseBase | None:
    """Return the refusal of a host that is not served. None: it is listed, or proven by an organisation."""
    host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "")
    if _is_listed(host, settings.SERVED_HOSTS):
        return None
    name = split_domain_port(host)[0]
    try:
        if "." in name and shop_with_domain(name.rstrip(".")) is not None:
            return None
    except (Busy, DatabaseError, InterfaceError, PoolTimeout):
        return problem_response(database_away())
    return problem_response(BadRequest("This host is not served here. Check the address."))


@lru_cache(maxsize=HOSTS_REMEMBERED)
def _is_listed(host: str, listed: tuple[str, ...]) -> bool:
    name, _ = split_domain_port(host)
    return bool(name) and validate_host(name, listed)
