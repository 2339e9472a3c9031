"""What stands around a person's own pages: who is not signed in is asked to, and back they come."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kassa.identity.models import User
from kassa.storefront.account.guest import guest_address, person_here

View = Callable[..., HttpResponseBase]


def person_page(*methods: str) -> Callable[[View], View]:
    """Make a view a page of the person who is signed in, whom it gets as ``user``."""

    def decorate(view: View) -> View:
        @require_http_methods(list(methods) or ["GET", "HEAD"])
        @login_required
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            assert isinstance(user, User)  # noqa: S101 - login_required lets nobody else through
            return view(request, *args, user=user, **kwargs)

        return answer

    return decorate


def visitor_page(view: View) -> View:
    """Make a view a page of whoever has shown who they are, with an account or as a guest; as ``person``."""

    @require_http_methods(["GET", "HEAD"])
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = person_here(request)
        if person is None:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, person=person, **kwargs)

    return answer


def show_account(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Answer with one of the templates of accounts."""
    shown = {"guest_address": guest_address(request), **context}
    return render(request, f"accounts/{name}.html", shown, status=status)
