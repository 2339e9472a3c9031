"""What else happens when somebody signs in or proves an address: Kassa's own records follow."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, email_confirmed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from kassa.core.clock import utc_now
from kassa.identity.domain.people import keep_address, prove_person, see_person
from kassa.identity.models import User


@receiver(user_logged_in, dispatch_uid="kassa.see")
def see(sender: Any, request: HttpRequest, user: User, **others: Any) -> None:
    """Remember when a person was here last."""
    see_person(user, now=utc_now())


@receiver(email_confirmed, dispatch_uid="kassa.prove")
def prove(sender: Any, request: HttpRequest, email_address: EmailAddress, **others: Any) -> None:
    """Let a pending person in whose address is proven; a password that somebody else chose ends here.

    Whoever signs up under another's address waits for exactly this: that the other one proves it.
    """
    user: User = email_address.user
    login = unstash_login(request, peek=True)
    is_signing_up = login is not None and login.signup and login.user == user
    knows_password = any(one["method"] == "password" for one in get_authentication_records(request, user))
    prove_person(user, keep_password=is_signing_up or knows_password)


@receiver(email_changed, dispatch_uid="kassa.address")
def follow(sender: Any, user: User, to_email_address: EmailAddress, **others: Any) -> None:
    """Keep the first of a person's addresses where the rest of Kassa looks for it."""
    keep_address(user, to_email_address.email)
