"""What the log of a person's account says, as its owner reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import AccountSecurityEvent

SENTENCES: dict[SecurityEventKind, Promise] = {
    SecurityEventKind.SIGN_IN_SUCCEEDED: _("Signed in"),
    SecurityEventKind.SIGN_IN_FAILED: _("Failed to sign in"),
    SecurityEventKind.FACTOR_FAILED: _("Failed at the second step"),
    SecurityEventKind.SESSIONS_ENDED: _("Signed out everywhere else"),
    SecurityEventKind.PASSWORD_CHANGED: _("Password changed"),
    SecurityEventKind.PASSWORD_RESET: _("Password reset"),
    SecurityEventKind.EMAIL_ADDED: _("E-mail address added"),
    SecurityEventKind.EMAIL_CHANGED: _("Main e-mail address changed"),
    SecurityEventKind.EMAIL_REMOVED: _("E-mail address removed"),
    SecurityEventKind.FACTOR_ADDED: _("Passkey or authenticator app added"),
    SecurityEventKind.FACTOR_REMOVED: _("Passkey or authenticator app removed"),
    SecurityEventKind.RECOVERY_CODES_GENERATED: _("Recovery codes generated"),
    SecurityEventKind.RECOVERY_CODE_USED: _("Recovery code used"),
    SecurityEventKind.CONNECTION_ADDED: _("Account at another service connected"),
    SecurityEventKind.CONNECTION_REMOVED: _("Account at another service disconnected"),
    SecurityEventKind.ACCOUNT_EXPORTED: _("Data downloaded"),
}
WARNINGS = frozenset(
    {
        SecurityEventKind.SIGN_IN_FAILED,
        SecurityEventKind.FACTOR_FAILED,
        SecurityEventKind.RECOVERY_CODE_USED,
    }
)


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """An entry as the page shows it."""

    sentence: Promise | str
    created_at: datetime
    address: str | None
    user_agent: str
    is_warning: bool


def build_activity(events: Iterable[AccountSecurityEvent]) -> list[ActivityLine]:
    """Return the lines of the page; a kind of a later version stands there by its name."""
    names = {kind.value: kind for kind in SecurityEventKind}
    return [
        ActivityLine(
            sentence=SENTENCES.get(names[event.kind], event.kind) if event.kind in names else event.kind,
            created_at=event.created_at,
            address=event.address,
            user_agent=event.user_agent,
            is_warning=event.kind in WARNINGS,
        )
        for event in events
    ]
