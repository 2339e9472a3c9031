"""``/orders/{id}/refunds``: giving money back."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse
from ninja import Router

from kassa.api.auth import Requires
from kassa.api.idempotency import read_key
from kassa.api.inputs import check_exact
from kassa.api.payment_schemas import RefundIn, RefundOut, RefundPaidIn, RefundPreviewOut
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context, json_of, replayed
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.money import format_amount
from kassa.core.permissions import Permission
from kassa.orders.queries import currency_of
from kassa.payments.domain.refunds.plan import GoodsSelection, Plan, RefundSelection
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.domain.refunds.refund import RefundCommand, preview_refund, refund_order
from kassa.payments.domain.refunds.retry import retry_refund
from kassa.payments.errors import (
    DisputeOpen,
    GoodsNotRefundable,
    NothingToRefund,
    RefundKeyReused,
    RefundTooLarge,
    RefundUnderWay,
    TicketNotRefundable,
)
from kassa.payments.queries import refund_documents, refund_of, refunds_of

router = Router(tags=["Refunds"])


@router.post(
    "/orders/{order_id}/refunds",
    response={200: RefundPreviewOut, 201: RefundOut},
    auth=Requires(refund_order),
    openapi_extra=writing(
        NotFound,
        RefundKeyReused,
        DisputeOpen,
        NothingToRefund,
        TicketNotRefundable,
        GoodsNotRefundable,
        RefundTooLarge,
    ),
    summary="Give money back",
)
def refund(request: ApiRequest, order_id: UUID, payload: RefundIn) -> HttpResponse:
    """Give back tickets and goods, an amount, or everything that is left of an order.

    Places are free again at once, and goods are in stock again unless the buyer has them or `restock` says
    otherwise; the money is sent in the background, and the refund is `pending`
    until it has arrived. Send an `Idempotency-Key`: a repetition gives back nothing more. With
    `dry_run` nothing happens, and the answer (`200`) says what would.
    """
    organization_id = request.auth.organization_id
    wish = _wish(organization_id, order_id, payload)
    if payload.dry_run:
        return json_of(_preview(order_id, *preview_refund(organization_id, order_id, wish=wish)))
    content = payload.model_dump(mode="json", exclude_unset=True, exclude={"dry_run"})
    command = RefundCommand(
        wish=wish,
        reason=payload.reason,
        idempotency_key=read_key(request),
        fingerprint=hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest(),
    )
    context = command_context(request, payload.reason)
    made = refund_order(context, order_id, command=command)
    response = json_of(refund_documents(organization_id, [made])[0], status=201)
    response["Location"] = f"/api/v1/orders/{order_id}/refunds/{made.id}"
    return response if made.created_at == context.now else replayed(response)


@router.get(
    "/orders/{order_id}/refunds",
    response=list[RefundOut],
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(NotFound),
    summary="List an order's refunds",
)
def list_refunds(request: ApiRequest, order_id: UUID) -> HttpResponse:
    """List what was given back or is on its way, oldest first."""
    return json_of(refunds_of(request.auth.organization_id, order_id))


@router.get(
    "/orders/{order_id}/refunds/{refund_id}",
    response=RefundOut,
    auth=Requires(Permission.PAYMENT_READ),
    openapi_extra=reading(NotFound),
    summary="Read a refund",
)
def read_refund(request: ApiRequest, order_id: UUID, refund_id: UUID) -> HttpResponse:
    return json_of(refund_of(request.auth.organization_id, order_id, refund_id))


@router.post(
    "/orders/{order_id}/refunds/{refund_id}/paid",
    response=RefundOut,
    auth=Requires(mark_refunded),
    openapi_extra=writing(NotFound, RefundUnderWay),
    summary="Mark a refund as paid",
)
def mark_paid(
    request: ApiRequest, order_id: UUID, refund_id: UUID, payload: RefundPaidIn | None = None
) -> HttpResponse:
    """Say that all that was still pending of it was sent back by hand. Twice changes nothing.

    What the provider works on, or was asked for without an answer so far, is refused: wait for it.
    """
    organization_id = request.auth.organization_id
    reference = payload.reference if payload else ""
    made = mark_refunded(command_context(request, reference), order_id, refund_id, reference=reference)
    return json_of(refund_documents(organization_id, [made])[0])


@router.post(
    "/orders/{order_id}/refunds/{refund_id}/retry",
    response=RefundOut,
    auth=Requires(retry_refund),
    openapi_extra=writing(NotFound),
    summary="Try a refund again now",
)
def retry(request: ApiRequest, order_id: UUID, refund_id: UUID) -> HttpResponse:
    """Send what is still pending now instead of at its next turn. Nothing is sent twice."""
    made = retry_refund(command_context(request), order_id, refund_id)
    return json_of(refund_documents(request.auth.organization_id, [made])[0])


def _wish(organization_id: UUID, order_id: UUID, payload: RefundIn) -> RefundSelection:
    given = [
        name
        for name, value in (
            ("tickets", payload.tickets or payload.goods),
            ("amount", payload.amount),
            ("everything", payload.everything or None),
        )
        if value is not None
    ]
    if len(given) != 1:
        raise InvalidInput(
            "Send tickets and goods, or amount, or everything: one of these.",
            field=(given or ["tickets"])[-1],
        )
    for name in ("fees", "shipping"):
        if "tickets" not in given and getattr(payload, name) is not None:
            raise InvalidInput(f"'{name}' is only asked for tickets and goods.", field=name)
    if payload.restock is not None and not payload.everything:
        raise InvalidInput("'restock' is asked for each of the goods, or for everything.", field="restock")
    amount = payload.amount
    return RefundSelection(
        tickets=tuple(payload.tickets or ()),
        goods=tuple(GoodsSelection(one.item, one.quantity, one.restock) for one in payload.goods or ()),
        amount=None if amount is None else check_exact(amount, currency_of(organization_id, order_id)),
        everything=payload.everything,
        fees=payload.fees,
        shipping=payload.shipping,
        restock=payload.restock,
    )


def _preview(order_id: UUID, plan: Plan, currency: str) -> dict[str, Any]:
    return {
        "dry_run": True,
        "order": str(order_id),
        "kind": plan.kind.value,
        "amount": format_amount(plan.amount, currency),
        "currency": currency,
        "lines": [{**line, "amount": format_amount(line["amount"], currency)} for line in plan.lines],
        "tickets": [
            {"ticket": str(ticket_id), "amount": format_amount(amount, currency)}
            for ticket_id, amount in plan.tickets
        ],
        "goods": [
            {
                "item": str(back.item_id),
                "quantity": back.quantity,
                "restocked": back.restock,
                "amount": format_amount(back.amount, currency),
            }
            for back in plan.goods
        ],
        "ends_order": plan.ends_order,
    }
