"""Signing in with a session at Clerk."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kassa.core.clock import utc_now
from kassa.core.errors import Forbidden, KassaError, NotFound
from kassa.core.form_origin import is_own_origin
from kassa.integrations.clerk.people import person_at_clerk
from kassa.integrations.clerk.tokens import read_token


@csrf_exempt
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in whom a token of Clerk's names: in the header, by a program; in the field ``token``, by a form.

    The token is what counts; but no other site may sign a visitor in as somebody else, so a form has to come
    from Kassa or from one of the origins for which Clerk makes tokens.
    """
    if not settings.CLERK_ISSUER:
        raise NotFound
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        _require_known_origin(request)
        response = _sign_in(request, request.POST.get("token", ""))
        response.status_code = 303
        return response
    try:
        response = _sign_in(request, token.strip())
    except KassaError as error:
        return _tell(error)
    return JsonResponse({"signed_in": request.user.is_authenticated, "next": response.headers["Location"]})


def _sign_in(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in, and send the browser on; whoever was signed in here before is not any more."""
    issuer = settings.CLERK_ISSUER
    person = read_token(token, issuer=issuer, parties=_parties(), now=utc_now())
    user = person_at_clerk(person, issuer=issuer, now=utc_now())
    if request.user.is_authenticated and request.user != user:
        get_adapter(request).logout(request)
    record_authentication(request, user, method="clerk", uid=person.subject)
    wanted = request.POST.get("next", "")
    way_on = wanted if get_adapter(request).is_safe_url(wanted) else settings.LOGIN_REDIRECT_URL
    response: HttpResponse = perform_login(request, Login(user=user, redirect_url=way_on))
    return response


def _tell(error: KassaError) -> HttpResponse:
    """Answer a program with a problem document."""
    document = {"title": error.title, "status": error.status, "code": error.code, "detail": error.detail}
    return JsonResponse(
        document,
        status=error.status,
        content_type="application/problem+json",
        headers=error.answer_headers,
    )


def _parties() -> list[str]:
    return settings.CLERK_AUTHORIZED_PARTIES or [settings.BASE_URL]


def _require_known_origin(request: HttpRequest) -> None:
    origin = request.headers.get("Origin", "")
    if not is_own_origin(request, origin) and origin not in _parties():
        raise Forbidden("This form was sent by another site. Open our page and send it from there.")
