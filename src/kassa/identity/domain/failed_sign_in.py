"""Failed attempts to sign in, recorded by the worker.

Only the attempts for accounts that exist stand in a log. If the request itself looked for the account and
wrote the entry, its duration would tell whether there is one.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from procrastinate.contrib.django import app

from kassa.core.email_addresses import email_key
from kassa.core.request_origin import RequestOrigin, current_origin
from kassa.core.secrets import SecretUnreadable, decrypt, encrypt
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import User

RECORD_FAILED_SIGN_IN = "kassa.record_failed_sign_in"


def defer_failed_sign_in(email: str, *, method: str, now: datetime) -> None:
    """Ask the worker to record that somebody failed to sign in under an address, whoever's it is."""
    attempt = {
        "email": email_key(email),
        "method": method,
        "moment": now.isoformat(),
        "origin": asdict(current_origin()),
    }
    sealed = encrypt(json.dumps(attempt))
    transaction.on_commit(lambda: app.configure_task(RECORD_FAILED_SIGN_IN).defer(sealed=sealed), robust=True)


def record_failed_sign_in(sealed: str) -> None:
    """Record an attempt for the account that it was made for; if there is none, in the log lines alone."""
    try:
        attempt = json.loads(decrypt(sealed))
    except SecretUnreadable:
        return
    record_security_event(
        SecurityEventKind.SIGN_IN_FAILED,
        now=datetime.fromisoformat(attempt["moment"]),
        user_id=_find_user_id(attempt["email"]),
        is_recognised=False,
        details={"method": attempt["method"]},
        origin=RequestOrigin(**attempt["origin"]),
    )


def _find_user_id(email: str) -> UUID | None:
    verified = EmailAddress.objects.filter(email=email, verified=True).values_list("user_id", flat=True)
    found: UUID | None = verified.first()
    if found is None:
        found = User.objects.filter(email=email).values_list("id", flat=True).first()
    return found
