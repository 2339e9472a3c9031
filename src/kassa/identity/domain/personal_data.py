"""What accounts know of people: who they are, how they come in, what they did and were invited to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import connection, transaction

from kassa.core.personal_data import (
    DataSubject,
    Erasure,
    PersonalData,
    find_rows_by_email,
    list_columns,
    register,
)
from kassa.identity.domain.account_mail import forget_letters_to
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import Invitation, LinkedIdentity, User
from kassa.identity.queries import list_account_events

SECURITY = """
UPDATE identity_securityevent SET address = NULL, user_agent = ''
WHERE organization_id = %(organization)s AND (actor_id = %(user)s OR subject_id = %(user)s)
"""
"""What a person did to the organisation's access stays, done by somebody who no longer exists."""
INVITATIONS = """
UPDATE identity_invitation SET email = %(nobody)s, name = '',
    status = CASE WHEN status = 'open' THEN 'revoked' ELSE status END,
    ended_at = COALESCE(ended_at, CASE WHEN status = 'open' THEN %(now)s::timestamptz END)
WHERE organization_id = %(organization)s AND email = ANY(%(emails)s::text[])
"""
ACCOUNT_LOG = """
UPDATE identity_accountsecurityevent SET address = NULL, user_agent = '' WHERE user_id = %(user)s
"""
KNOWN_IN = """
SELECT organization_id FROM identity_invitation WHERE email = ANY(%(emails)s::text[])
UNION SELECT organization_id FROM identity_securityevent
    WHERE actor_id = %(user)s OR subject_id = %(user)s
"""
INVITATION = ("email", "name", "role", "status", "created_at", "ended_at")


def erase(erasure: Erasure) -> None:
    """Forget from where a person did what, and to what they were invited."""
    erasure.execute(SECURITY, INVITATIONS)


def erase_account(user: User, *, emails: Iterable[str], now: datetime) -> None:
    """Delete an account, end its sessions, and forget the letters to its addresses."""
    with transaction.atomic(), connection.cursor() as cursor:
        record_security_event(SecurityEventKind.ACCOUNT_ERASED, now=now, user_id=user.id)
        cursor.execute(ACCOUNT_LOG, {"user": user.id})
        for session in UserSession.objects.filter(user=user):
            session.end()
        user.delete()
    forget_letters_to({*emails, user.email})


def export(subject: DataSubject, now: datetime) -> dict[str, Any]:
    """Return a person's account, and to what they were invited."""
    invitations = find_rows_by_email(Invitation, subject.emails, "email")
    return {
        "account": _account(User.objects.get(id=subject.user_id)),
        "invitations": list_columns(invitations, INVITATION),
    }


def _account(user: User) -> dict[str, Any]:
    addresses = EmailAddress.objects.filter(user=user).order_by("email")
    keys = Authenticator.objects.filter(user=user).order_by("id")
    return {
        "name": user.name,
        "email": user.email,
        "avatar": user.avatar,
        "language": user.language,
        "status": user.status,
        "created_at": user.created_at,
        "last_active_at": user.last_active_at,
        "addresses": list(addresses.values("email", "verified", "primary")),
        "ways_in": [
            {
                "kind": key.type,
                "name": str(key),
                "created_at": key.created_at,
                "last_used_at": key.last_used_at,
            }
            for key in keys
        ],
        "elsewhere": [
            *LinkedIdentity.objects.filter(user=user).values("issuer", "subject", "created_at"),
            *SocialAccount.objects.filter(user=user).values("provider", "uid", "extra_data", "date_joined"),
        ],
        "devices": list(
            UserSession.objects.filter(user=user).values("ip", "user_agent", "created_at", "last_seen_at")
        ),
        "activity": list(
            list_account_events(user).values("kind", "created_at", "address", "user_agent", "details")
        ),
        "memberships": list(user.memberships.values("organization__name", "role", "created_at")),
    }


register(
    PersonalData(
        app="identity",
        erased={
            "account_emailaddress": ("email",),
            "account_emailconfirmation": (),
            "identity_accountsecurityevent": ("user_agent",),
            "identity_invitation": ("email", "name"),
            "identity_linkedidentity": ("subject",),
            "identity_securityevent": ("user_agent",),
            "identity_user": ("email", "name", "password", "avatar"),
            "mfa_authenticator": ("data",),
            "socialaccount_socialaccount": ("uid", "extra_data"),
            "usersessions_usersession": ("user_agent",),
        },
        erase=erase,
        known_in=KNOWN_IN,
        export=export,
    )
)
