"""Cookies of the pages: for the server alone, and over https alone where Kassa is at home there."""

from __future__ import annotations

from django.conf import settings
from django.http.response import HttpResponseBase


def set_cookie(response: HttpResponseBase, name: str, value: str, *, seconds: int, path: str = "/") -> None:
    """Let the browser keep a value for some seconds; neither scripts nor the forms of other sites get it."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        secure=settings.BASE_URL.startswith("https:"),
        httponly=True,
        samesite="Lax",
    )
