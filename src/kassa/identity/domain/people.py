"""People: seen, proven, suspended; what their sign-in changes of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password

from kassa.core.email_addresses import email_key
from kassa.identity.enums import UserStatus
from kassa.identity.models import User


def see_person(user: User, *, now: datetime) -> None:
    """Remember when a person was here last."""
    user.last_active_at = now
    User.objects.filter(id=user.id).update(last_active_at=now)


def prove_person(user: User, *, keep_password: bool) -> None:
    """Make a pending person an active one: somebody has shown that the e-mail address is theirs.

    The password goes unless it is known to be that person's own. Who is suspended stays so.
    """
    if user.status != UserStatus.PENDING:
        return
    user.status = UserStatus.ACTIVE
    if not keep_password:
        user.password = make_password(None)
    User.objects.filter(id=user.id, status=UserStatus.PENDING).update(
        status=user.status, password=user.password
    )


def disconnect_unproven(user: User, *, keep: Collection[tuple[str, str]] = ()) -> None:
    """Take off the accounts elsewhere that were connected before the person's address was proven.

    A provider may name an address that it has not verified. Whoever came in that way waits, as one who chose
    a password does, for somebody else to prove it. ``keep`` names by provider and id what the one who proves
    it came by.
    """
    for account in SocialAccount.objects.filter(user=user):
        if (account.provider, account.uid) not in keep:
            account.delete()


def keep_address(user: User, email: str) -> None:
    """Write to a person at another of their addresses from now on."""
    user.email = email_key(email)
    User.objects.filter(id=user.id).update(email=user.email)


def change_person(user: User, *, name: str, language: str | None) -> None:
    """Write what a person says of themselves; without a name they are called by their address."""
    user.name = (name.strip() or user.email.partition("@")[0])[:200]
    user.language = language
    User.objects.filter(id=user.id).update(name=user.name, language=user.language)
