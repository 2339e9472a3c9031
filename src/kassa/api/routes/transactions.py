"""``/transactions`` and the ledger beneath them: every movement of money."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Query, Router, Schema

from kassa.api.auth import Requires
from kassa.api.filters import Several
from kassa.api.inputs import Moment
from kassa.api.ledger_schemas import BalanceOut, PostingOut, TransactionOut
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading
from kassa.api.requests import ApiRequest
from kassa.api.schemas import Text
from kassa.core.errors import NotFound
from kassa.core.money import format_amount
from kassa.core.permissions import Permission
from kassa.payments.enums import TransactionStatus, TransactionType
from kassa.payments.models import Transaction
from kassa.payments.queries import balances_of, ledger_of_order, transactions_of

router = Router(tags=["Ledger"])


class TransactionFilters(Schema):
    type: TransactionType | None = None
    status: Several[TransactionStatus]
    order: UUID | None = None
    payment_method: Text | None = Field(
        None, max_length=100, examples=["card"], description="Or a provider, for all that it moved."
    )
    created_from: Moment | None = None
    created_before: Moment | None = Field(None, description="Exclusive.")


@router.get(
    "/transactions",
    response=Page[TransactionOut],
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(),
    summary="List movements of money",
)
def list_transactions(
    request: ApiRequest,
    filters: Annotated[TransactionFilters, Query()],
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    """List purchases, refunds, chargebacks and payouts, newest first."""
    rows = transactions_of(request.auth.organization_id, **filters.model_dump())
    return page_of(rows, limit=limit, after=after, show=_show_all)


@router.get(
    "/transactions/{transaction_id}",
    response=TransactionOut,
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(NotFound),
    summary="Read a movement of money",
)
def read_transaction(request: ApiRequest, transaction_id: UUID) -> dict[str, Any]:
    found = transactions_of(request.auth.organization_id).filter(id=transaction_id).first()
    if found is None:
        raise NotFound
    return _show(found)


@router.get(
    "/ledger/balances",
    response=list[BalanceOut],
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(),
    summary="Read the balances",
)
def read_balances(request: ApiRequest) -> list[dict[str, Any]]:
    """Read what stands on each account, by provider and currency; in each currency they add up to zero."""
    return balances_of(request.auth.organization_id)


@router.get(
    "/orders/{order_id}/ledger",
    response=list[PostingOut],
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(NotFound),
    summary="Read an order's ledger",
)
def read_ledger(request: ApiRequest, order_id: UUID) -> list[dict[str, Any]]:
    """Read the postings of an order, oldest first; the entries of each add up to zero."""
    return ledger_of_order(request.auth.organization_id, order_id)


def _show_all(transactions: Sequence[Transaction]) -> list[dict[str, Any]]:
    return [_show(transaction) for transaction in transactions]


def _show(transaction: Transaction) -> dict[str, Any]:
    pointers = ("order", "user", "payment", "refund_part", "dispute", "payout")
    amounts = ("amount", "gateway_fee", "platform_fee")
    plain = TransactionOut.model_fields.keys() - {*pointers, *amounts}
    return {
        **{name: getattr(transaction, name) for name in plain},
        **{name: getattr(transaction, f"{name}_id") for name in pointers},
        **{name: _amount(getattr(transaction, name), transaction.currency) for name in amounts},
    }


def _amount(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else format_amount(amount, currency)
