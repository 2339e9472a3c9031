"""How an organisation is known to payment providers: set up, changed, removed, and read to make a call."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from django.db.models import F

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, Locked, NotFound, StillInUse
from kassa.core.permissions import Permission
from kassa.core.secrets import SecretUnreadable, decrypt, encrypt
from kassa.core.versions import require_version
from kassa.identity.domain.security_log import record_security_event
from kassa.identity.enums import SecurityEventKind
from kassa.payments.enums import LIVE_ATTEMPTS, DisputeStatus, RefundStatus
from kassa.payments.errors import ProviderNotOffered
from kassa.payments.models import Dispute, Payment, PaymentAttempt, ProviderAccount, RefundPart
from kassa.payments.providers.lead_time import arrives_in_time
from kassa.payments.providers.protocol import Credentials, Provider, Setting
from kassa.payments.providers.registry import provider_named, providers

LONGEST_VALUE = 4000

logger = logging.getLogger("kassa.payments")


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider as an organisation sees it. Of secrets only the names of those that are set."""

    name: str
    title: str
    needs_account: bool
    can_refund: bool
    settings: tuple[Setting, ...]
    days_under_way: int
    """How many days a payment takes to arrive; 0: it arrives at once."""
    is_configured: bool
    is_enabled: bool
    configuration: Mapping[str, Any]
    secrets_set: tuple[str, ...]
    updated_at: datetime | None
    """None: it was never set up."""

    @property
    def is_offered(self) -> bool:
        return not self.needs_account or (self.is_configured and self.is_enabled)


def get_credentials(
    organization_id: UUID, provider_name: str, *, for_new_payment: bool = False
) -> Credentials:
    """Return what a call to a provider needs; decrypted, so never keep or show it.

    ``for_new_payment``: an account that is switched off will not do; for what is under way it does.

    Raises:
        ProviderUnknown: there is no such provider.
        ProviderNotOffered: the organisation has no account there, or not one that will do, or the keys
            are lost with which its secrets were encrypted: set it up again.
    """
    provider = provider_named(provider_name)
    account = _account(organization_id, provider_name)
    if provider.needs_account and (account is None or (for_new_payment and not account.is_enabled)):
        raise ProviderNotOffered(provider_name, offered_providers(organization_id))
    if account is None:
        return Credentials(organization_id, {}, {})
    secrets = _secrets(account)
    if secrets is None and _has_secrets(provider):
        logger.error("Secrets of %s of organisation %s cannot be read.", provider_name, organization_id)
        raise ProviderNotOffered(provider_name, offered_providers(organization_id))
    return Credentials(organization_id, account.configuration, secrets or {})


def offered_providers(organization_id: UUID) -> list[str]:
    """Return the names of the providers at which a new payment can be opened."""
    return [view.name for view in provider_accounts(organization_id) if view.is_offered]


def providers_in_time(organization_id: UUID, begins_at: datetime, *, now: datetime) -> list[str]:
    """Return the names of the offered providers whose payments arrive before a moment."""
    offered = (view for view in provider_accounts(organization_id) if view.is_offered)
    return [view.name for view in offered if arrives_in_time(begins_at, view.days_under_way, now=now)]


def provider_accounts(organization_id: UUID) -> list[ProviderView]:
    """Return every provider there is and how the organisation has set it up, in one query."""
    accounts = {
        account.provider: account for account in ProviderAccount.objects.of(organization_id).order_by("id")
    }
    return [_view(organization_id, provider, accounts.get(name)) for name, provider in providers().items()]


@command(Permission.PROVIDER_WRITE)
def configure_provider(
    context: CommandContext,
    provider_name: str,
    *,
    configuration: Mapping[str, Any],
    secrets: Mapping[str, str],
    is_enabled: bool,
    expected: datetime | None = None,
) -> ProviderView:
    """Set a provider up: the configuration is replaced, secrets that are not named stay, empty ones go.

    Raises:
        ProviderUnknown: there is no such provider.
        InvalidInput: a setting is unknown, missing, in the wrong place, or refused by the provider.
        Locked: somebody else sets it up at the same moment.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id, now = context.organization_id, context.now
    provider = provider_named(provider_name)
    _check_names(provider, configuration, secrets)
    kept = _account(organization_id, provider_name)
    # Looked at outside the transaction: a provider may ask its own system whether the keys are good.
    _check(provider, Credentials(organization_id, configuration, _merged(kept, secrets)))
    try:
        with transaction.atomic():
            account = _account(organization_id, provider_name, for_update=True) or ProviderAccount(
                organization_id=organization_id, provider=provider_name, secrets="", created_at=now
            )
            if expected is not None:
                require_version(account, expected)
            before = _logged(account)
            account.configuration = dict(configuration)
            account.secrets = encrypt(orjson.dumps(_merged(account, secrets)).decode())
            account.is_enabled = is_enabled
            account.updated_at = now
            account.save()
            facts = {"is_enabled": is_enabled, "secrets": sorted(secrets)}
            _record(context, provider_name, facts)
            after = {**_logged(account), "secrets": sorted(secrets)}
            record_activity(context, "provider.configured", account, before=before, after=after)
    except IntegrityError as error:
        raise Locked("The provider is being set up by somebody else. Send it again.") from error
    return _view(organization_id, provider, account)


@command(Permission.PROVIDER_WRITE)
def remove_provider(context: CommandContext, provider_name: str) -> None:
    """Forget an account and its secrets.

    Raises:
        NotFound: there is none.
        StillInUse: money is under way there, or could still be given back; switch it off instead.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        account = _account(organization_id, provider_name, for_update=True)
        if account is None:
            raise NotFound
        if _has_money_under_way(organization_id, provider_name):
            raise StillInUse(
                "Payments, refunds or disputes are under way there, or payments could still be given back. "
                "Switch it off instead: then it takes no more payments."
            )
        _record(context, provider_name, {"removed": True})
        record_activity(context, "provider.removed", account, before=_logged(account), after={})
        account.delete()


def _logged(account: ProviderAccount) -> dict[str, Any]:
    """Return what the activity log says of an account: all but its secrets."""
    return {
        "provider": account.provider,
        "configuration": account.configuration,
        "is_enabled": account.is_enabled,
    }


def _record(context: CommandContext, provider_name: str, facts: Mapping[str, Any]) -> None:
    """Write into the security log that it was changed where money goes; of secrets the names alone."""
    record_security_event(
        SecurityEventKind.PROVIDER_CHANGED,
        now=context.now,
        organization_id=context.organization_id,
        actor=context.actor,
        details={"provider": provider_name, **facts},
    )


def _has_money_under_way(organization_id: UUID, provider: str) -> bool:
    rows = (
        PaymentAttempt.objects.of(organization_id).filter(provider=provider, status__in=LIVE_ATTEMPTS),
        RefundPart.objects.of(organization_id).filter(provider=provider, status=RefundStatus.PENDING),
        Dispute.objects.of(organization_id).filter(provider=provider, status=DisputeStatus.OPEN),
        Payment.objects.of(organization_id).filter(
            provider=provider, amount__gt=F("refunded_amount") + F("disputed_amount")
        ),
    )
    return any(found.exists() for found in rows)


def _account(
    organization_id: UUID, provider_name: str, *, for_update: bool = False
) -> ProviderAccount | None:
    accounts = ProviderAccount.objects.of(organization_id).filter(provider=provider_name)
    return (accounts.select_for_update(no_key=True) if for_update else accounts).first()


def _secrets(account: ProviderAccount | None) -> dict[str, str] | None:
    """Return an account's secrets; None if the keys are lost with which they were encrypted."""
    if account is None or not account.secrets:
        return {}
    try:
        secrets: dict[str, str] = orjson.loads(decrypt(account.secrets))
    except SecretUnreadable:
        return None
    return secrets


def _has_secrets(provider: Provider) -> bool:
    return any(setting.is_secret for setting in provider.settings)


def _merged(account: ProviderAccount | None, given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**(_secrets(account) or {}), **given}.items() if value}


def _check_names(provider: Provider, configuration: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    known = {setting.name: setting for setting in provider.settings}
    for given, is_secret in ((configuration, False), (secrets, True)):
        for name, value in given.items():
            setting = known.get(name)
            if setting is None:
                listed = ", ".join(known) or "none"
                raise InvalidInput(
                    f"'{provider.name}' has no setting '{name}'. It has: {listed}.", field=name
                )
            if setting.is_secret != is_secret:
                where = "secrets" if setting.is_secret else "configuration"
                raise InvalidInput(f"'{name}' belongs to the {where}.", field=name)
            _check_value(name, value, is_secret=is_secret)


def _check_value(name: str, value: Any, *, is_secret: bool) -> None:
    if is_secret and not isinstance(value, str):
        raise InvalidInput(f"'{name}' is a text.", field=name)
    written = orjson.dumps(value)
    if len(written) > LONGEST_VALUE:
        raise InvalidInput(f"'{name}' is longer than {LONGEST_VALUE} characters.", field=name)
    if b"\\u0000" in written:
        raise InvalidInput(f"'{name}' holds a character that cannot be kept.", field=name)


def _check(provider: Provider, credentials: Credentials) -> None:
    for setting in provider.settings:
        given = credentials.secrets if setting.is_secret else credentials.configuration
        if setting.is_required and given.get(setting.name) in (None, ""):
            raise InvalidInput(f"'{setting.name}' ({setting.label}) is needed.", field=setting.name)
    provider.check_configuration(credentials)


def _view(organization_id: UUID, provider: Provider, account: ProviderAccount | None) -> ProviderView:
    secrets = _secrets(account)
    configuration: Mapping[str, Any] = {} if account is None else account.configuration
    are_lost = secrets is None and _has_secrets(provider)
    return ProviderView(
        name=provider.name,
        title=provider.title,
        needs_account=provider.needs_account,
        can_refund=provider.can_refund,
        settings=provider.settings,
        days_under_way=provider.days_under_way(Credentials(organization_id, configuration, {})),
        is_configured=account is not None and not are_lost,
        is_enabled=not provider.needs_account if account is None else account.is_enabled,
        configuration=configuration,
        secrets_set=tuple(sorted(secrets or {})),
        updated_at=None if account is None else account.updated_at,
    )
