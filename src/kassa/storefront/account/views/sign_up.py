"""The pages on which an account is begun, and its address is proven."""

from __future__ import annotations

from uuid import UUID

from allauth.account.internal.flows.email_verification import verify_email
from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.stagekit import pop_login, stash_login
from allauth.account.models import EmailAddress, Login
from allauth.account.views import email_verification_sent
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kassa.core.clock import utc_now
from kassa.identity.domain.accounts import begin_account
from kassa.identity.queries import find_user
from kassa.storefront.account.codes import (
    CodePurpose,
    CodeRequest,
    load_code_request,
    require_few_requests,
    send_code,
)
from kassa.storefront.account.forms import PasskeySignUpForm, SignUpForm
from kassa.storefront.account.views.codes import choose_letter, take_code
from kassa.storefront.account.views.entrance import build_entrance, next_path, show_entrance


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Begin an account with a password."""
    return _sign_up(request, SignUpForm, "signup")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_by_passkey(request: HttpRequest) -> HttpResponse:
    """Begin an account without a password; once the address is proven, a passkey is made."""
    return _sign_up(request, PasskeySignUpForm, "signup_by_passkey")


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_address(request: HttpRequest) -> HttpResponse:
    """Take the code that proves the address of a new account; those of accounts there are, allauth takes."""
    if load_code_request(request, CodePurpose.SIGN_UP) is None:
        answer: HttpResponse = email_verification_sent(request)
        return answer
    return take_code(request, CodePurpose.SIGN_UP, _open_account)


def _sign_up(request: HttpRequest, form_class: type[PasskeySignUpForm], template: str) -> HttpResponse:
    """Begin an account, or write to the owner of the one there is: nobody else learns which it was.

    The password is hashed in both cases, which takes longer than all else.
    """
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_path(request) or settings.LOGIN_REDIRECT_URL)
    if request.method == "POST":
        require_few_requests(request)
    form = form_class(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return show_entrance(request, template, {"form": form, **build_entrance(request)})
    typed = form.cleaned_data
    user_id = begin_account(
        email=typed["email"],
        name=typed["name"],
        password_hash=make_password(typed.get("password1")),
        now=utc_now(),
    )
    asked = CodeRequest.begin(
        CodePurpose.SIGN_UP,
        typed["email"],
        next=next_path(request),
        user_id=str(user_id or ""),
        is_by_passkey=form_class is PasskeySignUpForm,
    )
    send_code(request, asked, choose_letter(asked))
    return HttpResponseRedirect(reverse("account_email_verification_sent"))


def _open_account(request: HttpRequest, asked: CodeRequest) -> HttpResponse:
    """Let the person in whose address is proven now; what they chose when they signed up is theirs."""
    user = find_user(UUID(asked.user_id)) if asked.user_id else None
    address = EmailAddress.objects.filter(user=user, email=asked.email).first() if user else None
    if user is None or address is None:
        return HttpResponseRedirect(reverse("account_login"))
    state = {"passkey_signup": True} if asked.is_by_passkey else {}
    login = Login(user=user, redirect_url=asked.next or None, signup=True, email=asked.email, state=state)
    stash_login(request, login)  # so that proving the address knows whose sign-up this is
    verify_email(request, address)
    pop_login(request)
    user.refresh_from_db()
    response: HttpResponse = perform_login(request, login)
    return response
