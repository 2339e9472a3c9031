"""What an organisation signs passes with: checked when it is given, kept encrypted, and never shown."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction

from kassa.core.activity_log import record_activity
from kassa.core.clock import format_moment
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import ChangedMeanwhile, InvalidInput, Locked, NotFound
from kassa.core.permissions import Permission
from kassa.core.secrets import SecretUnreadable, decrypt, encrypt
from kassa.core.versions import require_version
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.tickets.domain.wallet_checks import check_apple, check_google
from kassa.tickets.enums import WalletKind
from kassa.tickets.errors import WalletNotConfigured
from kassa.tickets.models import WalletAccount

LONGEST_SECRET = 20_000
LONGEST_SETTING = 200

CONFIGURATION: Mapping[WalletKind, frozenset[str]] = {
    WalletKind.APPLE: frozenset({"pass_type_id", "team_id"}),
    WalletKind.GOOGLE: frozenset({"issuer_id", "service_account"}),
}
SECRETS: Mapping[WalletKind, frozenset[str]] = {
    WalletKind.APPLE: frozenset({"certificate", "private_key", "intermediate_certificate"}),
    WalletKind.GOOGLE: frozenset({"private_key"}),
}
EXPIRES_AT = "expires_at"
"""Kept beside the configuration: when Apple's certificate ends."""

logger = logging.getLogger("kassa.tickets")


@dataclass(frozen=True, slots=True)
class WalletView:
    """An account as its organisation sees it. Of secrets only the names of those that are set."""

    kind: WalletKind
    configuration: Mapping[str, str]
    secrets_set: tuple[str, ...]
    expires_at: str | None
    """Until when passes can be signed. None: for good."""
    updated_at: datetime | None
    """None: it was never set up."""

    @property
    def is_configured(self) -> bool:
        return self.updated_at is not None and bool(self.secrets_set)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signs passes; decrypted, so never keep or show it."""

    configuration: Mapping[str, str]
    secrets: Mapping[str, str]


def wallet_views(organization_id: UUID) -> list[WalletView]:
    """Return how each wallet is set up, in one query."""
    accounts = {account.kind: account for account in WalletAccount.objects.of(organization_id)}
    return [_view(kind, accounts.get(kind)) for kind in WalletKind]


def wallet_view(organization_id: UUID, kind: WalletKind) -> WalletView:
    return _view(kind, _account(organization_id, kind))


@command(Permission.ORGANIZATION_WRITE)
def configure_wallet(
    context: CommandContext,
    kind: WalletKind,
    *,
    configuration: Mapping[str, str],
    secrets: Mapping[str, str],
    expected: datetime | None = None,
) -> WalletView:
    """Set a wallet up: the configuration is replaced, secrets that are not named stay.

    Raises:
        InvalidInput: a setting is unknown or missing, or keys and certificates do not fit or have expired.
        Locked: somebody else sets it up at the same moment.
        ChangedMeanwhile: it is no longer the version that was ``expected``, or was removed.
    """
    organization_id, now = context.organization_id, context.now
    _check_names(kind, configuration, secrets)
    try:
        with transaction.atomic():
            found = _account(organization_id, kind, for_update=True)
            if found is None and expected is not None:
                raise ChangedMeanwhile(None)
            if found is not None:
                require_version(found, expected)
            before = None if found is None else _described(found)
            account = found or WalletAccount(
                organization_id=organization_id, kind=kind, secrets="", created_at=now
            )
            merged = {**(_secrets(account) or {}), **secrets}
            expires_at = _check(kind, configuration, merged, now=now)
            ends = {} if expires_at is None else {EXPIRES_AT: format_moment(expires_at)}
            account.configuration = {**configuration, **ends}
            account.secrets = encrypt(orjson.dumps(merged).decode())
            account.updated_at = now
            account.save()
            _record(context, kind, "configured")
            action = "wallet_account.created" if before is None else "wallet_account.changed"
            after = {**_described(account), "secrets_set": sorted(secrets)}
            record_activity(context, action, account, before=before, after=after)
    except IntegrityError as error:
        raise Locked("The wallet is being set up by somebody else. Send it again.") from error
    return _view(kind, account)


@command(Permission.ORGANIZATION_WRITE)
def remove_wallet(context: CommandContext, kind: WalletKind) -> None:
    """Forget an account and its secrets. Passes that were handed out stay as they are.

    Raises:
        NotFound: there is none.
    """
    with transaction.atomic():
        account = _account(context.organization_id, kind, for_update=True)
        if account is None:
            raise NotFound
        _record(context, kind, "removed")
        record_activity(context, "wallet_account.deleted", account, before=_described(account))
        account.delete()


def _described(account: WalletAccount) -> dict[str, Any]:
    """Return what the activity log says of an account: nothing of its secrets."""
    return {"kind": account.kind, "configuration": account.configuration}


def _record(context: CommandContext, kind: WalletKind, change: str) -> None:
    record_security_event(
        SecurityEventKind.WALLET_CHANGED,
        now=context.now,
        organization_id=context.organization_id,
        actor=context.actor,
        details={"wallet": kind, "change": change},
    )


def wallets_of(organization_id: UUID, now: datetime | None = None) -> set[WalletKind]:
    """Return for which wallets the organisation can make passes; with ``now``, those not expired."""
    accounts = WalletAccount.objects.of(organization_id).values_list("kind", "configuration")
    return {
        WalletKind(kind)
        for kind, configuration in accounts
        if now is None or not _is_over(configuration, now)
    }


def wallet_credentials(organization_id: UUID, kind: WalletKind, *, now: datetime) -> Credentials:
    """Return what signs passes.

    Raises:
        WalletNotConfigured: there is no account, its certificate has expired, or the keys are lost with
            which it was encrypted.
    """
    account = _account(organization_id, kind)
    if account is None or _is_over(account.configuration, now):
        raise WalletNotConfigured(kind)
    secrets = _secrets(account)
    if secrets is None:
        logger.error("Secrets of the %s wallet of organisation %s cannot be read.", kind, organization_id)
        raise WalletNotConfigured(kind)
    return Credentials(account.configuration, secrets)


def _is_over(configuration: Mapping[str, str], now: datetime) -> bool:
    expires_at = configuration.get(EXPIRES_AT)
    return expires_at is not None and datetime.fromisoformat(expires_at) <= now


def _check_names(kind: WalletKind, configuration: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    for given, known, most in (
        (configuration, CONFIGURATION[kind], LONGEST_SETTING),
        (secrets, SECRETS[kind], LONGEST_SECRET),
    ):
        for name, value in given.items():
            if name not in known:
                listed = ", ".join(sorted(known))
                raise InvalidInput(f"There is no '{name[:60]}' here. There are {listed}.", field=name[:60])
            if not value.strip() or len(value) > most:
                raise InvalidInput(f"'{name}' has between 1 and {most} characters.", field=name)
    for name in sorted(CONFIGURATION[kind] - configuration.keys()):
        raise InvalidInput(f"'{name}' is needed.", field=name)


def _check(
    kind: WalletKind, configuration: Mapping[str, str], secrets: Mapping[str, str], *, now: datetime
) -> datetime | None:
    for name in sorted(SECRETS[kind] - secrets.keys()):
        raise InvalidInput(f"'{name}' is needed.", field=name)
    if kind == WalletKind.APPLE:
        return check_apple(configuration, secrets, now=now)
    check_google(secrets)
    return None


def _account(organization_id: UUID, kind: WalletKind, *, for_update: bool = False) -> WalletAccount | None:
    accounts = WalletAccount.objects.of(organization_id).filter(kind=kind)
    return (accounts.select_for_update(no_key=True) if for_update else accounts).first()


def _secrets(account: WalletAccount) -> dict[str, str] | None:
    """Return an account's secrets; None if the keys are lost with which they were encrypted."""
    if not account.secrets:
        return {}
    try:
        secrets: dict[str, str] = orjson.loads(decrypt(account.secrets))
    except SecretUnreadable:
        return None
    return secrets


def _view(kind: WalletKind, account: WalletAccount | None) -> WalletView:
    if account is None:
        return WalletView(kind, {}, (), None, None)
    configuration = {name: account.configuration.get(name, "") for name in sorted(CONFIGURATION[kind])}
    return WalletView(
        kind=kind,
        configuration=configuration,
        secrets_set=tuple(sorted(_secrets(account) or {})),
        expires_at=account.configuration.get(EXPIRES_AT),
        updated_at=account.updated_at,
    )
