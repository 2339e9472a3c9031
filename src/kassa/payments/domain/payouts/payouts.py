"""What a provider holds for an organisation goes to its bank account."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.database import Statements, statements
from kassa.core.errors import InvalidInput
from kassa.core.ids import new_id
from kassa.core.money import ZERO, is_currency
from kassa.core.permissions import Permission
from kassa.payments.domain.ledger.journal import Journal
from kassa.payments.domain.ledger.transactions import NewTransaction, write_transactions
from kassa.payments.domain.webhooks.outcomes import Settled
from kassa.payments.enums import Account, PayoutStatus, PostingKind, TransactionStatus, TransactionType
from kassa.payments.errors import NothingToPayOut
from kassa.payments.models import LedgerEntry, Payout, Transaction
from kassa.payments.providers.protocol import PayoutSeen, PayoutState
from kassa.payments.providers.registry import provider_named

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def held_at(organization_id: UUID, provider: str, currency: str) -> Decimal:
    """Return what lies at a provider by the ledger: fees, refunds and disputes are taken off."""
    return (
        LedgerEntry.objects.of(organization_id)
        .filter(account=Account.PROVIDER, provider=provider, currency=currency)
        .aggregate(held=Sum("amount"))["held"]
        or ZERO
    )


@command(Permission.PAYOUT_WRITE)
def record_payout(
    context: CommandContext,
    *,
    provider: str,
    currency: str,
    reference: str,
    amount: Decimal | None,
) -> Payout:
    """Note that a provider has paid out, all that it holds unless an amount is given; twice changes nothing.

    For providers that do not tell by themselves: the demo, and transfers, whose money lies on the
    organiser's account anyhow.

    Raises:
        ProviderUnknown: there is no such provider.
        InvalidInput: there is no such currency.
        NothingToPayOut: it holds nothing, or less.
    """
    organization_id = context.organization_id
    provider_named(provider)
    if not is_currency(currency):
        raise InvalidInput(f"'{currency}' is no currency that Kassa keeps.", field="currency")
    with transaction.atomic(), connection.wrap_database_errors:
        database = _locked(organization_id, provider)
        known = _known(organization_id, provider, reference)
        if known is not None:
            return known
        held = held_at(organization_id, provider, currency)
        paid = held if amount is None else amount
        if paid <= 0 or paid > held:
            raise NothingToPayOut(provider, currency)
        told = PayoutSeen(PayoutState.PAID, reference, paid, currency)
        payout = _pay(database, organization_id, provider, told, context.now)
        record_activity(context, "payout.recorded", payout)
        return payout


def settle_payout(organization_id: UUID, seen: PayoutSeen, *, provider: str, now: datetime) -> Settled:
    """Write down a payout that the provider tells of; one that failed comes back to what it holds."""
    with transaction.atomic(), connection.wrap_database_errors:
        database = _locked(organization_id, provider)
        payout = _known(organization_id, provider, seen.reference)
        currency = seen.currency.upper()
        if seen.state == PayoutState.PAID:
            if payout is None:
                _pay(database, organization_id, provider, seen, now)
        elif payout is not None and payout.status == PayoutStatus.PAID:
            _return(database, payout, seen.error, now)
        elif payout is None:
            Payout.objects.of(organization_id).create(
                organization_id=organization_id,
                provider=provider,
                provider_reference=seen.reference,
                status=PayoutStatus.FAILED,
                amount=seen.amount,
                currency=currency,
                error=seen.error,
                created_at=now,
                updated_at=now,
            )
    return Settled(f"payout_{seen.state}")


def _locked(organization_id: UUID, provider: str) -> Statements:
    database = statements()
    database.queue(LOCK, (f"payout:{organization_id}:{provider}",))
    return database


def _known(organization_id: UUID, provider: str, reference: str) -> Payout | None:
    found = Payout.objects.of(organization_id).filter(provider=provider, provider_reference=reference)
    return found.first()


def _pay(
    database: Statements, organization_id: UUID, provider: str, seen: PayoutSeen, now: datetime
) -> Payout:
    currency = seen.currency.upper()
    gateway_fee, platform_fee = _fees_since_last(organization_id, provider, currency)
    payout = Payout.objects.of(organization_id).create(
        organization_id=organization_id,
        provider=provider,
        provider_reference=seen.reference,
        status=PayoutStatus.PAID,
        amount=seen.amount,
        currency=currency,
        gateway_fee=gateway_fee,
        platform_fee=platform_fee,
        created_at=now,
        updated_at=now,
        paid_at=now,
    )
    row = NewTransaction(
        id=new_id(),
        type=TransactionType.PAYOUT,
        status=TransactionStatus.COMPLETED,
        amount=seen.amount,
        currency=currency,
        payment_method=provider,
        payment_method_id=seen.reference,
        payout_id=payout.id,
        gateway_fee=gateway_fee,
        platform_fee=platform_fee,
    )
    write_transactions(database, organization_id, [row], now=now)
    _post(database, payout, row.id, is_back=False, now=now)
    return payout


def _return(database: Statements, payout: Payout, error: str, now: datetime) -> None:
    organization_id = payout.organization_id
    payout.status, payout.error, payout.updated_at = PayoutStatus.FAILED, error, now
    payout.save(update_fields=["status", "error", "updated_at"])
    rows = Transaction.objects.of(organization_id).filter(payout_id=payout.id)
    rows.update(status=TransactionStatus.FAILED, error_message=error, updated_at=now)
    transaction_id = rows.values_list("id", flat=True).get()
    _post(database, payout, transaction_id, is_back=True, now=now)


def _post(
    database: Statements, payout: Payout, transaction_id: UUID, *, is_back: bool, now: datetime
) -> None:
    journal = Journal()
    journal.post(
        PostingKind.PAYOUT_RETURNED if is_back else PostingKind.PAYOUT_SENT,
        payout.amount,
        payout.currency,
        debit=Account.PROVIDER if is_back else Account.BANK,
        credit=Account.BANK if is_back else Account.PROVIDER,
        provider=payout.provider,
        transaction_id=transaction_id,
    )
    journal.write(database, payout.organization_id, now=now)


def _fees_since_last(organization_id: UUID, provider: str, currency: str) -> tuple[Decimal, Decimal]:
    """Return what was kept at this provider in all, less what earlier payouts have shown."""
    entries = LedgerEntry.objects.of(organization_id).filter(currency=currency)
    # A posting of fees takes them off one provider; its other lines say which fees they are.
    postings = entries.filter(account=Account.PROVIDER, provider=provider, kind=PostingKind.FEES_CHARGED)
    earlier = Payout.objects.of(organization_id).filter(
        provider=provider, currency=currency, status=PayoutStatus.PAID
    )
    shown = earlier.aggregate(gateway=Sum("gateway_fee"), platform=Sum("platform_fee"))
    kept = {
        account: entries.filter(account=account, posting_id__in=postings.values("posting_id")).aggregate(
            kept=Sum("amount")
        )["kept"]
        or ZERO
        for account in (Account.GATEWAY_FEES, Account.PLATFORM_FEES)
    }
    return (
        kept[Account.GATEWAY_FEES] - (shown["gateway"] or ZERO),
        kept[Account.PLATFORM_FEES] - (shown["platform"] or ZERO),
    )
