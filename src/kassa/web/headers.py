"""What answers tell browsers: what a page may load, who may show it in a frame, and what is passed on."""

from __future__ import annotations

from collections.abc import Mapping

from django.http.response import HttpResponseBase

POLICY = "Content-Security-Policy"
NOWHERE = "'none'"
OWN = "'self'"

SECRET_ADDRESS = {"Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex"}
"""For a page whose address is all that is needed to use it: it goes to no other site and no search engine.

With no referrer at all a browser would not say either that a form comes from our own page.
"""
HIDDEN_ADDRESS = {**SECRET_ADDRESS, "Referrer-Policy": "no-referrer"}
"""The same for a page without forms that change anything."""


def build_policy(*, form_action: str | None = OWN, frame_ancestors: str = NOWHERE, **sources: str) -> str:
    """Return a content security policy that allows nothing but what it names.

    ``sources`` are directives such as ``style_src``. ``form_action`` says where forms may be sent and lead on
    to; None: anywhere. ``frame_ancestors`` are the websites that may show the page in a frame.
    """
    directives = {"default_src": NOWHERE, **sources}
    if form_action is not None:
        directives["form_action"] = form_action
    directives |= {"base_uri": NOWHERE, "frame_ancestors": frame_ancestors}
    return "; ".join(f"{name.replace('_', '-')} {value}" for name, value in directives.items())


def set_headers(response: HttpResponseBase, headers: Mapping[str, str]) -> None:
    """Set headers, such as what a refusal says to programs about when to come back."""
    for name, value in headers.items():
        response.headers[name] = value


def set_missing_headers(response: HttpResponseBase, headers: Mapping[str, str]) -> None:
    """Set headers where the view has not said otherwise."""
    for name, value in headers.items():
        response.headers.setdefault(name, value)
