"""What the pages around signing in have in common: where to go on to, and the ways from one to the other."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

PAGES = {
    "login_url": "account_login",
    "signup_url": "account_signup",
    "signup_by_passkey_url": "account_signup_by_passkey",
    "request_login_code_url": "account_request_login_code",
}


def next_path(request: HttpRequest) -> str:
    """Return where the visitor wants to go on to afterwards; empty: nowhere, or to another site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if get_adapter(request).is_safe_url(wanted) else ""


def build_entrance(request: HttpRequest) -> dict[str, Any]:
    """Return the links to the other pages, which all go on to the same place, and the field that keeps it."""
    wanted = next_path(request)
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    field = format_html('<input type="hidden" name="next" value="{}">', wanted) if wanted else ""
    return {"redirect_field": field, **{name: reverse(page) + query for name, page in PAGES.items()}}


def show_entrance(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """Answer with one of the templates that stand in the place of allauth's."""
    return render(request, f"account/{name}.html", context)
