"""``/payouts`` and ``/disputes``: what providers sent to the bank, and what banks took back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ninja import Router, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.inputs import check_exact
from kassa.api.ledger_schemas import PayoutIn, PayoutOut
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.payment_schemas import DisputeOut
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.core.money import format_amount
from kassa.core.permissions import Permission
from kassa.payments.domain.events import dispute_document
from kassa.payments.domain.payouts.payouts import record_payout
from kassa.payments.errors import NothingToPayOut, ProviderUnknown
from kassa.payments.models import Dispute, Payout
from kassa.payments.queries import disputes_of, payouts_of

router = Router(tags=["Payouts and disputes"])


@router.get(
    "/payouts",
    response=Page[PayoutOut],
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(),
    summary="List payouts",
)
def list_payouts(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """List what providers have sent to the bank account, newest first."""
    return page_of(payouts_of(request.auth.organization_id), limit=limit, after=after, show=_show_all)


@router.post(
    "/payouts",
    response={201: PayoutOut},
    auth=Requires(record_payout),
    openapi_extra=writing(KeyReused, ProviderUnknown, NothingToPayOut),
    summary="Note a payout",
)
@decorate_view(repeatable)
def note_payout(request: ApiRequest, payload: PayoutIn) -> Status[dict[str, Any]]:
    """Note that a provider has paid out, where it does not tell by itself; a `reference` counts once."""
    amount = payload.amount
    payout = record_payout(
        command_context(request),
        provider=payload.provider,
        currency=payload.currency,
        reference=payload.reference,
        amount=None if amount is None else check_exact(amount, payload.currency),
    )
    return Status(201, _show(payout))


@router.get(
    "/disputes",
    response=Page[DisputeOut],
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(),
    summary="List disputes",
)
def list_disputes(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """List chargebacks, newest first. While one is open, the order's tickets are frozen."""
    return page_of(disputes_of(request.auth.organization_id), limit=limit, after=after, show=_show_disputes)


def _show_all(payouts: Sequence[Payout]) -> list[dict[str, Any]]:
    return [_show(payout) for payout in payouts]


def _show(payout: Payout) -> dict[str, Any]:
    amounts = ("amount", "gateway_fee", "platform_fee")
    return {
        **{name: getattr(payout, name) for name in PayoutOut.model_fields},
        **{name: format_amount(getattr(payout, name), payout.currency) for name in amounts},
    }


def _show_disputes(disputes: Sequence[Dispute]) -> list[dict[str, Any]]:
    return [dispute_document(dispute) for dispute in disputes]
