"""Accounts by their e-mail address: found, and begun as pending ones.

What these functions ask the database for does not depend on whether there is an account, so that neither the
number of statements nor their duration tells it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import connection

from kassa.core.ids import new_id
from kassa.identity.enums import UserStatus
from kassa.identity.models import User

BEGIN_ACCOUNT = """
WITH begun AS (
    INSERT INTO identity_user (id, name, email, password, status, created_at)
    SELECT %(id)s, %(name)s, %(email)s, %(password)s, %(status)s, %(now)s
    WHERE NOT EXISTS (SELECT FROM account_emailaddress WHERE email = %(email)s AND verified)
    ON CONFLICT (email) DO NOTHING RETURNING id)
INSERT INTO account_emailaddress (user_id, email, verified, "primary")
SELECT id, %(email)s, false, true FROM begun RETURNING user_id
"""


def find_account(email: str) -> User | None:
    """Return whose address this is: of the person who has proven it, else of the one who has given it.

    Always two statements.
    """
    proven = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    given = User.objects.filter(email=email).first()
    found: User | None = proven.user if proven else given
    return found


def begin_account(*, email: str, name: str, password_hash: str, now: datetime) -> UUID | None:
    """Make a pending account, unless there is one with this address; return its id. None: there is one.

    One statement in both cases.
    """
    parameters: dict[str, Any] = {
        "id": new_id(),
        "name": (name or email.partition("@")[0])[:200],
        "email": email,
        "password": password_hash,
        "status": UserStatus.PENDING,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(BEGIN_ACCOUNT, parameters)
        row = cursor.fetchone()
    return row[0] if row else None
