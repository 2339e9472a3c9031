"""How allauth makes, knows and writes to Kassa's people."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kassa.core.client_address import client_address
from kassa.core.clock import utc_now
from kassa.core.email_addresses import InvalidEmailAddress, email_key, parse_email_address
from kassa.core.formatting import format_date, format_time
from kassa.core.rate_limits import TooManyRequests
from kassa.identity.domain.accounts import find_account
from kassa.identity.domain.failed_sign_in import defer_failed_sign_in
from kassa.identity.domain.members import normal_email
from kassa.identity.enums import UserStatus
from kassa.identity.models import User
from kassa.identity.queries import is_suspended_address
from kassa.storefront.account.account_emails import LETTERS, TOLD
from kassa.storefront.account.password_tries import confirm_try, give_back_try, reserve_try
from kassa.storefront.account.queue_letter import queue_letter
from kassa.storefront.formatting import present_locale
from kassa.web.forms import FAULTS


def shown_name(user: User) -> str:
    """Return how a person is addressed."""
    return user.name or user.email


def _moment_text(moment: datetime) -> str:
    """Return a moment on the clock of UTC, which the text around it names."""
    locale = present_locale()
    return f"{format_date(moment, locale)}, {format_time(moment, UTC, locale)}"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is suspended."),
        "email_password_mismatch": _("The e-mail address or password is incorrect."),
        "incorrect_code": _("That’s not the right code. Check the latest e-mail."),
        "incorrect_password": _("That is not your password."),
        "too_many_login_attempts": _("Too many attempts. Please wait a few minutes and try again."),
        "rate_limited": _("That was a little too quick. Wait a moment and try again."),
        "email_taken": _("There is already an account with this e-mail address."),
        "cannot_remove_primary_email": _("This is your main address. Choose another main address first."),
        "duplicate_email": _("You already use this address."),
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Make a person of what was typed: pending until the e-mail address is proven to be theirs."""
        user.email = normal_email(form.cleaned_data["email"])
        user.name = form.cleaned_data.get("name") or user.name or user.email.partition("@")[0]
        user.status = UserStatus.PENDING
        user.set_password(form.cleaned_data.get("password1") or None)
        if commit:
            user.save()
        return user

    def new_user(self, request: HttpRequest) -> User:
        return User(created_at=utc_now())

    def clean_email(self, email: str) -> str:
        """Return the one form of an address: accounts are found by it.

        Raises:
            ValidationError: mail cannot be written to it.
        """
        try:
            return parse_email_address(super().clean_email(email)).key
        except InvalidEmailAddress as error:
            raise ValidationError(FAULTS[error.fault], code="invalid") from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Return whose address and password these are. None: nobody's.

        Whether there is an account makes no difference to what the database is asked, nor to how often a
        password is hashed.

        Raises:
            ValidationError: too many passwords were wrong.
        """
        email, password = email_key(credentials["email"]), credentials["password"]
        now = utc_now()
        try:
            counted = reserve_try(request, email, now=now)
        except TooManyRequests as error:
            raise self.validation_error("too_many_login_attempts") from error
        user = find_account(email)
        if user is None:
            make_password(password)
        if user is None or not user.check_password(password):
            self.authentication_failed(request, email=email)
            with suppress(TooManyRequests):  # the next one is refused
                confirm_try(counted, now=now)
            return None
        give_back_try(counted, now=now)
        user.backend = settings.AUTHENTICATION_BACKENDS[0]
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Leave a letter for the worker to send: no mail server is waited for while somebody waits.

        Its links lead to the address in ``BASE_URL``, whatever host the request claims to be for.
        """
        known = {
            **context,
            "email": email,
            "moment": _moment_text(utc_now()),
            "login_url": settings.BASE_URL + reverse("account_login"),
            "signup_url": settings.BASE_URL + reverse("account_signup"),
        }
        is_unknown = template_prefix == "account/email/unknown_account"
        if is_unknown and is_suspended_address(email):
            template_prefix = "account/email/suspended"
        queue_letter(email, LETTERS[template_prefix], known, now=utc_now(), code=context.get("code"))

    def add_message(  # noqa: PLR0917 - as allauth calls it
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Tell the next page what was done, in Kassa's words."""
        told = message or str(TOLD.get(message_template or "", "")) % (message_context or {})
        if told:
            messages.add_message(request, level, told, extra_tags=extra_tags)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Offer a code by e-mail as well, to who has no second step: it would stand in for that."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        described = {
            "reauthenticate": _("Use the password"),
            "mfa_reauthenticate": _("Use a code from the app"),
        }
        methods = [{**one, "description": described.get(one["id"], _("Use the passkey"))} for one in methods]
        if user.is_authenticated and not is_mfa_enabled(user):
            by_code = {
                "id": "code",
                "description": _("Use a code by e-mail"),
                "url": reverse("account_confirm"),
            }
            methods.append(by_code)
        return methods

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave it to the worker to record that a password was wrong."""
        defer_failed_sign_in(credentials.get("email", ""), method="password", now=utc_now())

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that a list of sign-ins shows: of IPv6 the /64, which one visitor has alone.

        Nothing is counted by it: behind a proxy that Kassa was not told of, all visitors have the same.
        """
        return client_address(request).host.partition("/")[0]
