"""What allauth reports of a person's account, written into the security log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as socialaccount
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.signals import user_logged_in
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from kassa.core.clock import utc_now
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import User

Details = dict[str, Any]


@receiver(user_logged_in, dispatch_uid="kassa.security.sign_in")
def record_sign_in(sender: Any, request: HttpRequest, user: User, **others: Any) -> None:
    """Record who came in, and by which methods."""
    records = get_authentication_records(request, user)
    methods = [one.get("type") or one.get("provider") or one["method"] for one in records]
    record_security_event(
        SecurityEventKind.SIGN_IN_SUCCEEDED,
        now=utc_now(),
        user_id=user.id,
        details={"methods": [str(method) for method in methods]},
    )


def _record_on(signal: Signal, kind: SecurityEventKind, *, is_recognised: bool = True) -> None:
    """Record a kind of event whenever a signal is sent that names the person as ``user``."""

    def record(sender: Any, user: User, **others: Any) -> None:
        record_security_event(kind, now=utc_now(), user_id=user.id, is_recognised=is_recognised)

    signal.connect(record, dispatch_uid=f"kassa.security.{kind.value}", weak=False)


for _signal, _kind in (
    (account.password_set, SecurityEventKind.PASSWORD_CHANGED),
    (account.password_changed, SecurityEventKind.PASSWORD_CHANGED),
    (account.password_reset, SecurityEventKind.PASSWORD_RESET),
    (account.email_added, SecurityEventKind.EMAIL_ADDED),
    (account.email_changed, SecurityEventKind.EMAIL_CHANGED),
    (account.email_removed, SecurityEventKind.EMAIL_REMOVED),
):
    _record_on(_signal, _kind)


def _record_factor(added: bool) -> Callable[..., None]:
    def record(sender: Any, user: User, authenticator: Authenticator, **others: Any) -> None:
        kind = SecurityEventKind.FACTOR_ADDED if added else SecurityEventKind.FACTOR_REMOVED
        if authenticator.type == Authenticator.Type.RECOVERY_CODES and added:
            kind = SecurityEventKind.RECOVERY_CODES_GENERATED
        details = {"type": str(authenticator.type)}
        record_security_event(kind, now=utc_now(), user_id=user.id, details=details)

    return record


_added, _removed = _record_factor(True), _record_factor(False)
mfa.authenticator_added.connect(_added, dispatch_uid="kassa.security.factor_added", weak=False)
mfa.authenticator_reset.connect(_added, dispatch_uid="kassa.security.factor_reset", weak=False)
mfa.authenticator_removed.connect(_removed, dispatch_uid="kassa.security.factor_removed", weak=False)


@receiver(mfa.authenticator_used, dispatch_uid="kassa.security.recovery_code")
def record_recovery_code(sender: Any, user: User, authenticator: Authenticator, **others: Any) -> None:
    """Record that a recovery code was used up, and write to its owner.

    Other factors stand in the entry of the sign-in.
    """
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record_security_event(SecurityEventKind.RECOVERY_CODE_USED, now=utc_now(), user_id=user.id)
        authenticator.refresh_from_db()
        left = {"left": len(authenticator.wrap().get_unused_codes())}
        get_adapter().send_notification_mail("mfa/email/recovery_code_used", user, left)


@receiver(mfa.authentication_failed, dispatch_uid="kassa.security.factor_failed")
def record_failed_factor(
    sender: Any, user: User, authenticator: Authenticator | None = None, **others: Any
) -> None:
    """Record that somebody who had passed the first step failed at the second one."""
    record_security_event(
        SecurityEventKind.FACTOR_FAILED, now=utc_now(), user_id=user.id, is_recognised=False
    )


@receiver(socialaccount.social_account_added, dispatch_uid="kassa.security.connection_added")
def record_connection(sender: Any, sociallogin: SocialLogin, **others: Any) -> None:
    """Record that another service may sign the person in from now on."""
    _record_connection(SecurityEventKind.CONNECTION_ADDED, sociallogin.account)


@receiver(socialaccount.social_account_removed, dispatch_uid="kassa.security.connection_removed")
def record_end_of_connection(sender: Any, socialaccount: SocialAccount, **others: Any) -> None:
    """Record that a service may not sign the person in any more."""
    _record_connection(SecurityEventKind.CONNECTION_REMOVED, socialaccount)


def _record_connection(kind: SecurityEventKind, connected: SocialAccount) -> None:
    details = {"provider": connected.provider}
    record_security_event(kind, now=utc_now(), user_id=connected.user_id, details=details)
