"""The pages on which a visitor asks for a code by e-mail and enters it: to sign in, or for a new password."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.account.models import Login
from allauth.account.views import logout
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kassa.core.clock import utc_now
from kassa.identity.domain.accounts import find_account
from kassa.identity.domain.failed_sign_in import defer_failed_sign_in
from kassa.identity.enums import UserStatus
from kassa.storefront.account.account_emails import LETTERS, Letter
from kassa.storefront.account.codes import (
    CodePurpose,
    CodeRequest,
    enter_code,
    load_code_request,
    require_few_requests,
    send_code,
)
from kassa.storefront.account.forms import AddressForm, CodeForm
from kassa.storefront.account.guest import admit_guest, dismiss_guest, guest_address, has_purchases
from kassa.storefront.account.views.entrance import build_entrance, next_path, show_entrance

Finish = Callable[[HttpRequest, CodeRequest], HttpResponse]


@require_http_methods(["GET", "HEAD", "POST"])
def request_sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for an address and write to it, whether or not there is an account."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_path(request) or settings.LOGIN_REDIRECT_URL)
    return _request_code(request, CodePurpose.SIGN_IN, "request_login_code")


@require_http_methods(["GET", "HEAD", "POST"])
def request_password_code(request: HttpRequest) -> HttpResponse:
    """Ask for the address of the account that needs a new password, and write to it."""
    return _request_code(request, CodePurpose.PASSWORD, "password_reset")


@require_http_methods(["GET", "HEAD", "POST"])
def enter_sign_in_code(request: HttpRequest) -> HttpResponse:
    """Take the code: whoever has an account is signed in, anybody else sees what was bought as a guest."""
    return take_code(request, CodePurpose.SIGN_IN, _sign_in)


@require_http_methods(["GET", "HEAD", "POST"])
def enter_password_code(request: HttpRequest) -> HttpResponse:
    """Take the code, and go on to choosing a password."""
    return take_code(request, CodePurpose.PASSWORD, _choose_password)


def take_code(request: HttpRequest, purpose: CodePurpose, finish: Finish) -> HttpResponse:
    """Show the page for a code, send another one, or take one and finish what it was asked for."""
    asked = load_code_request(request, purpose)
    if asked is None:
        return HttpResponseRedirect(reverse("account_login"))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("action") == "resend" and asked.can_resend:
        require_few_requests(request)
        send_code(request, asked, choose_letter(asked))
        return HttpResponseRedirect(request.get_full_path())
    if form.is_bound and form.is_valid():
        if enter_code(request, asked, form.cleaned_data["code"]):
            return finish(request, asked)
        defer_failed_sign_in(asked.email, method="code", now=utc_now())
        if load_code_request(request, purpose) is None:
            messages.error(request, str(get_adapter().error_messages["too_many_login_attempts"]))
            return HttpResponseRedirect(reverse("account_login"))
        form.add_error("code", form.wrong)
    context = {"verify_form": form, "email": asked.email, "can_resend": asked.can_resend}
    return show_entrance(request, "base_confirm_code", {**context, "cancel_url": reverse("account_login")})


def choose_letter(asked: CodeRequest) -> Letter:
    """Return what is written to an address. Which questions the database is asked depends on nothing."""
    if asked.purpose == CodePurpose.SIGN_UP:
        name = "email_confirmation_signup" if asked.user_id else "account_already_exists"
        return LETTERS[f"account/email/{name}"]
    account = find_account(asked.email)
    is_guest = asked.purpose == CodePurpose.SIGN_IN and has_purchases(asked.email)
    if account is not None and account.status == UserStatus.INACTIVE:
        return LETTERS["account/email/suspended"]
    if account is None and not is_guest:
        return LETTERS["account/email/unknown_account"]
    is_sign_in = asked.purpose == CodePurpose.SIGN_IN
    return LETTERS["account/email/login_code" if is_sign_in else "account/email/password_reset_code"]


def _request_code(request: HttpRequest, purpose: CodePurpose, template: str) -> HttpResponse:
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return show_entrance(request, template, {"form": form, **build_entrance(request)})
    require_few_requests(request)
    asked = CodeRequest.begin(purpose, form.cleaned_data["email"], next=next_path(request))
    send_code(request, asked, choose_letter(asked))
    is_sign_in = purpose == CodePurpose.SIGN_IN
    page = "account_confirm_login_code" if is_sign_in else "account_confirm_password_reset_code"
    return HttpResponseRedirect(reverse(page))


def _sign_in(request: HttpRequest, asked: CodeRequest) -> HttpResponse:
    user = find_account(asked.email)
    if user is None:
        admit_guest(request, asked.email)
        return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)
    record_authentication(request, user, method="code", email=asked.email)
    verify_email_indirectly(request, user, asked.email)
    login = Login(user=user, redirect_url=asked.next or None, email=asked.email)
    response: HttpResponse = perform_login(request, login)
    return response


def _choose_password(request: HttpRequest, asked: CodeRequest) -> HttpResponse:
    """Hand over to allauth's page for the new password, as its own code would have."""
    user = find_account(asked.email)
    if user is None:
        messages.error(request, _("This e-mail address no longer belongs to an account."))
        return HttpResponseRedirect(reverse("account_login"))
    verify_email_indirectly(request, user, asked.email)
    request.session[PASSWORD_RESET_VERIFICATION_SESSION_KEY] = {
        "user_id": str(user.pk),
        "email": asked.email,
        "code_confirmed": True,
        "failed_attempts": 0,
        "at": time.time(),
    }
    query = f"?{urlencode({'next': asked.next})}" if asked.next else ""
    return HttpResponseRedirect(reverse("account_complete_password_reset") + query)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out after asking; a visitor without an account as well."""
    if guest_address(request) is None:
        answer: HttpResponse = logout(request)
        return answer
    if request.method != "POST":
        return show_entrance(request, "logout", {})
    dismiss_guest(request)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)
