"""What else happens when somebody signs in or proves an address: Kassa's own records follow."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
    record_authentication,
)
from allauth.account.internal.flows.manage_email import sync_email_address
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress
from allauth.account.signals import authentication_step_completed, email_changed, email_confirmed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from kassa.core.clock import utc_now
from kassa.identity.domain.people import disconnect_unproven, keep_address, prove_person, see_person
from kassa.identity.models import User


@receiver(user_logged_in, dispatch_uid="kassa.see")
def see(sender: Any, request: HttpRequest, user: User, **others: Any) -> None:
    """Remember when a person was here last; who has just signed in need not confirm at once who they are."""
    see_person(user, now=utc_now())
    records = get_authentication_records(request, user)
    if records:
        shown = [*records[:-1], {**records[-1], "reauthenticated": True}]
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = shown


@receiver(authentication_step_completed, dispatch_uid="kassa.know_address")
def know_address(sender: Any, user: User, method: str, **others: Any) -> None:
    """Let the address count to which the code went, also of people whom others have made, such as members."""
    if method == "code" and others.get("email"):
        sync_email_address(user, others["email"])


@receiver(authenticator_added, dispatch_uid="kassa.confirm_by_app")
def confirm_by_app(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **others: Any
) -> None:
    """Count the code that has just set up an app as a confirmation: its recovery codes are shown next."""
    if authenticator.type == Authenticator.Type.TOTP:
        record_authentication(request, user, method="mfa", type="totp", reauthenticated=True)


@receiver(email_confirmed, dispatch_uid="kassa.prove")
def prove(sender: Any, request: HttpRequest, email_address: EmailAddress, **others: Any) -> None:
    """Let a pending person in whose address is proven; what somebody else set up to come in by ends here.

    Whoever signs up under another's address waits for exactly this: that the other one proves it.
    """
    user: User = email_address.user
    login = unstash_login(request, peek=True)
    is_signing_up = login is not None and login.signup and login.user == user
    records = get_authentication_records(request, user)
    knows_password = any(one["method"] == "password" for one in records)
    prove_person(user, keep_password=is_signing_up or knows_password)
    if not EmailAddress.objects.filter(user=user, verified=True).exclude(pk=email_address.pk).exists():
        came_by = {(one["provider"], one["uid"]) for one in records if one["method"] == "socialaccount"}
        disconnect_unproven(user, keep=came_by)


@receiver(email_changed, dispatch_uid="kassa.address")
def follow(sender: Any, user: User, to_email_address: EmailAddress, **others: Any) -> None:
    """Keep the first of a person's addresses where the rest of Kassa looks for it."""
    keep_address(user, to_email_address.email)
