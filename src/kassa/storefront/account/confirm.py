"""Confirming once more that it is the same person, before something important: by a code sent by e-mail.

allauth asks for the password, the app or a passkey. Who has none of these, having always signed in by code
or through another service, would not be asked at all; who has lost their passkey could not answer.
"""

from __future__ import annotations

import time

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from kassa.identity.models import User

SENT = "kassa_confirm_code"
CODE_SECONDS = 15 * 60
MOST_TRIES = 3


def has_confirmed(request: HttpRequest, user: User) -> bool:
    """Say whether the person has shown within the last minutes who they are, by signing in or once more."""
    records = get_authentication_records(request, user)
    return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def send_confirm_code(request: HttpRequest, user: User) -> None:
    """Send a code to the person's first address; one sent before works no more."""
    adapter = get_adapter(request)
    code = adapter.generate_login_code()
    request.session[SENT] = {"user": str(user.id), "code": code, "at": time.time(), "tries": 0}
    adapter.send_mail("account/email/confirm_code", user.email, {"code": code})


def is_confirm_code_sent(request: HttpRequest, user: User) -> bool:
    """Say whether a code is out that can still be entered."""
    sent = request.session.get(SENT)
    if sent is None or sent["user"] != str(user.id):
        return False
    return bool(sent["tries"] < MOST_TRIES and time.time() - sent["at"] < CODE_SECONDS)


def enter_confirm_code(request: HttpRequest, user: User, code: str) -> bool:
    """Take a code; the right one counts as a confirmation and works once, the third wrong one ends it."""
    if not is_confirm_code_sent(request, user):
        return False
    sent = request.session[SENT]
    if not compare_user_code(actual=code, expected=sent["code"]):
        request.session[SENT] = {**sent, "tries": sent["tries"] + 1}
        return False
    del request.session[SENT]
    record_authentication(request, user, method="code", email=user.email, reauthenticated=True)
    return True


def confirm_first(request: HttpRequest, then: str) -> HttpResponse:
    """Ask once more who it is, in the way that fits the person, and come back to the page of that name."""
    [way, *_others] = get_adapter(request).get_reauthentication_methods(request.user)
    return HttpResponseRedirect(f"{way['url']}?{urlencode({'next': reverse(then)})}")
