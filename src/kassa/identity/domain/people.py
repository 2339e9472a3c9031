"""People: seen, proven, suspended; what their sign-in changes of them."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import make_password

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


def keep_address(user: User, email: str) -> None:
    """Write to a person at another of their addresses from now on."""
    user.email = email.strip().lower()
    User.objects.filter(id=user.id).update(email=user.email)


def change_person(user: User, *, name: str, language: str | None) -> None:
    """Write what a person says of themselves; without a name they are called by their address."""
    user.name = (name.strip() or user.email.partition("@")[0])[:200]
    user.language = language
    User.objects.filter(id=user.id).update(name=user.name, language=user.language)
