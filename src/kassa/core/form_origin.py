"""Whether a form was sent by a page of the same origin: scheme, host and port."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest

from kassa.core.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD"})
PORTS = {"http": "80", "https": "443"}
PORT = re.compile(r":[0-9]+$")


def is_own_origin(request: HttpRequest, origin: str) -> bool:
    """Say whether an ``Origin`` header names the origin that a request is for; ``null`` names none.

    Kassa sees no TLS, which a proxy in front of it does. Where it is at home at https, a page that came
    over plain http may have been written by anybody on the way.
    """
    scheme, _, host = origin.partition("://")
    if scheme not in PORTS or (scheme == "http" and settings.BASE_URL.startswith("https:")):
        return False
    return _with_port(scheme, host) == _with_port(scheme, request.get_host())


def require_own_page(request: HttpRequest) -> None:
    """Let only pages of this site send a form, where Django's token is not asked for; what only looks passes.

    ``Origin: null``, which browsers send where they are told to hide it, can come from any site; then the
    browser itself has to say that both are of one origin, which it does over https alone. So pages with
    such forms have the referrer policy ``same-origin``. Programs and old browsers that say nothing pass.

    Raises:
        Forbidden: another site has sent it, or may have.
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "")
    says_own = site in ("same-origin", "none")
    if not (says_own if site is not None else not origin or is_own_origin(request, origin)):
        raise Forbidden("This form was sent by another site. Open our page and send it from there.")


def _with_port(scheme: str, host: str) -> str:
    return host.lower() if PORT.search(host) else f"{host.lower()}:{PORTS[scheme]}"
