"""``/orders``: placing, reading and moving orders."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID, uuid4

import orjson
from django.http import HttpResponse
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.filters import Several
from kassa.api.idempotency import KeyReused, read_key, repeatable
from kassa.api.inputs import Moment
from kassa.api.order_schemas import HistoryOut, OrderIn, OrderOut, TrackingOut
from kassa.api.pages import After, Limit, Page
from kassa.api.problems import problem_response, reading, writing
from kassa.api.rate_limits import coupon_limits, require_order
from kassa.api.requests import ApiRequest, command_context, json_of
from kassa.api.schemas import Input, Text, example
from kassa.core.clock import utc_now
from kassa.core.errors import KassaError, NotFound
from kassa.core.permissions import Permission
from kassa.orders.domain.change import approve_order, reject_order
from kassa.orders.domain.document import serialize_order
from kassa.orders.enums import Approval, OrderStatus, PaymentStatus
from kassa.orders.errors import (
    AlreadyShipped,
    ApprovalAwaited,
    IllegalMove,
    NotAwaitingApproval,
    NotByHand,
    NothingToShip,
    OrderExpired,
)
from kassa.orders.queries import filter_orders, get_order_view, history_of, list_order_views
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.sales.desk import the_desk
from kassa.sales.domain.coupon_tries import limit_coupon_tries
from kassa.sales.domain.outcome import Outcome
from kassa.sales.domain.request import Customer, OrderRequest, RequestedLine
from kassa.sales.errors import REFUSALS, CouponUnknown, DeskBusy, OrderKeyReused, TotalChanged
from kassa.tickets.domain.revoke_links import revoke_order_links

router = Router(tags=["Orders"])


@router.post(
    "/orders",
    response={201: OrderOut},
    auth=Requires(Permission.ORDER_PLACE, count=require_order),
    openapi_extra=writing(*REFUSALS, TotalChanged, OrderKeyReused, DeskBusy),
    summary="Place an order",
)
def place_order(request: ApiRequest, payload: OrderIn) -> HttpResponse:
    """Place an order: its places are held until `expires_at`, or kept at once if it is free.

    Send an `Idempotency-Key`: a repetition answers with the same order and never places a
    second one. Places are given first come, first served, and never more than there are.
    """
    outcome = _place(request, payload)
    if isinstance(outcome, KassaError):
        return problem_response(outcome)
    response = HttpResponse(outcome.document, content_type="application/json", status=201)
    response["Location"] = f"/api/v1/orders/{outcome.order_id}"
    if outcome.replayed:
        response["Idempotent-Replayed"] = "true"
    return response


def _place(request: ApiRequest, payload: OrderIn) -> Outcome:
    if payload.coupon is None:
        return the_desk().place(_order_request(request, payload))
    counted, now = coupon_limits(request.auth), utc_now()
    with limit_coupon_tries(counted, now=now):
        outcome = the_desk().place(_order_request(request, payload))
        if isinstance(outcome, CouponUnknown):
            raise outcome
    return outcome


def _order_request(request: ApiRequest, payload: OrderIn) -> OrderRequest:
    content = payload.model_dump(mode="json", exclude_unset=True)
    return OrderRequest(
        actor=request.auth,
        lines=tuple(
            RequestedLine(
                item_id=line.product or line.ticket_type,  # type: ignore[arg-type]  # one is set, as validated
                is_product=line.product is not None,
                quantity=line.quantity,
                seat_ids=tuple(line.seats),
                best_available=line.best_available,
                attendees=tuple(attendee.model_dump(exclude_none=True) for attendee in line.attendees),
                metadata=line.metadata,
            )
            for line in payload.lines
        ),
        customer=customer_of(payload.customer.model_dump()),
        idempotency_key=read_key(request) or f"none:{uuid4()}",
        fingerprint=hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest(),
        coupon_code=payload.coupon,
        shipping_address=content.get("shipping_address"),
        billing_address=content.get("billing_address"),
        notes=payload.notes or "",
        answers=payload.answers,
        expected_total=payload.expected_total,
    )


def customer_of(given: dict[str, Any]) -> Customer:
    """Return the customer of a payload."""
    return Customer(
        email=given["email"],
        first_name=given["first_name"] or "",
        last_name=given["last_name"] or "",
        phone=given["phone"] or "",
        address=given["address"],
        marketing=given["marketing"],
        language=given["language"],
        user_id=given["user"],
        reference=given["reference"],
    )


class OrderFilters(Schema):
    status: Several[OrderStatus]
    payment_status: Several[PaymentStatus]
    can_retry: bool | None = Field(
        None, description="Whether another payment may be tried: `can_retry_payment`."
    )
    approval: Approval | None = None
    event: UUID | None = None
    number: Text | None = Field(None, max_length=50, examples=["ORD-2026-00001"])
    email: Text | None = Field(None, max_length=254)
    user: UUID | None = None
    reference: Text | None = Field(
        None, min_length=1, max_length=200, description="The customer's id in your own system."
    )
    created_from: Moment | None = None
    created_before: Moment | None = Field(None, description="Exclusive.")


@router.get(
    "/orders",
    response=Page[OrderOut],
    auth=Requires(Permission.ORDER_READ),
    openapi_extra=reading(),
    summary="List orders",
)
def list_orders(
    request: ApiRequest, filters: Annotated[OrderFilters, Query()], limit: Limit = 50, after: After = None
) -> HttpResponse:
    """List orders, newest first. One whose hold is over counts and shows as expired."""
    now, organization_id = utc_now(), request.auth.organization_id
    orders = filter_orders(organization_id, now=now, **filters.model_dump()).order_by("-id")
    if after is not None:
        orders = orders.filter(id__lt=after)
    found = list(orders[: limit + 1])
    shown = [serialize_order(view) for view in list_order_views(organization_id, found[:limit], now=now)]
    following = str(found[limit - 1].id) if len(found) > limit else None
    return json_of({"items": shown, "next": following})


@router.get(
    "/orders/{order_id}",
    response=OrderOut,
    auth=Requires(Permission.ORDER_READ),
    openapi_extra=reading(NotFound),
    summary="Read an order",
)
def read_order(request: ApiRequest, order_id: UUID) -> HttpResponse:
    return json_of(serialize_order(get_order_view(request.auth.organization_id, order_id, now=utc_now())))


class CancelIn(Input):
    model_config = example(reason="The customer changed her mind.")

    reason: Text | None = Field(None, max_length=1000, examples=["The customer changed her mind."])


@router.post(
    "/orders/{order_id}/cancel",
    response=OrderOut,
    auth=Requires(cancel_order),
    openapi_extra=writing(NotFound, AlreadyShipped, IllegalMove, OrderExpired),
    summary="Cancel an order and give its money back",
)
def cancel(request: ApiRequest, order_id: UUID, payload: CancelIn | None = None) -> HttpResponse:
    """Cancel an order; its places are free again at once, and all that was paid for it is promised back.

    Cancelling it twice changes nothing. `GET …/refunds` tells how far the money has come.
    """
    return json_of(cancel_order(command_context(request, payload.reason if payload else None), order_id))


class StatusIn(Input):
    model_config = example(status="shipped", tracking_number="JD014600006281230704")

    status: OrderStatus
    notes: Text | None = Field(None, max_length=1000, description="Why; kept in the history.")
    tracking_number: Text | None = Field(None, max_length=100, examples=["JD014600006281230704"])


@router.put(
    "/orders/{order_id}/status",
    response=OrderOut,
    auth=Requires(change_status),
    openapi_extra=writing(
        NotFound, NotByHand, IllegalMove, OrderExpired, ApprovalAwaited, NothingToShip, AlreadyShipped
    ),
    summary="Move an order",
)
def put_status(request: ApiRequest, order_id: UUID, payload: StatusIn) -> HttpResponse:
    """Move an order to its next status, such as `shipped`.

    To `confirmed` books what is still missing as paid by hand, which also takes the permission
    `payment:manage`; to `cancelled` promises all back that was paid, and takes `order:cancel`.
    """
    document = change_status(
        command_context(request, payload.notes),
        order_id,
        to_status=payload.status,
        tracking_number=payload.tracking_number,
    )
    return json_of(document)


@router.post(
    "/orders/{order_id}/approve",
    response=OrderOut,
    auth=Requires(approve_order),
    openapi_extra=writing(NotFound, NotAwaitingApproval),
    summary="Approve an order",
)
def approve(request: ApiRequest, order_id: UUID, payload: CancelIn | None = None) -> HttpResponse:
    """Agree to an order that waits for it: confirmed if it is free, else it may now be paid."""
    context = command_context(request, payload.reason if payload else None)
    return json_of(approve_order(context, order_id))


@router.post(
    "/orders/{order_id}/reject",
    response=OrderOut,
    auth=Requires(reject_order),
    openapi_extra=writing(NotFound, NotAwaitingApproval),
    summary="Reject an order",
)
def reject(request: ApiRequest, order_id: UUID, payload: CancelIn | None = None) -> HttpResponse:
    """Refuse an order that waits for approval; it is cancelled and its places are free again."""
    context = command_context(request, payload.reason if payload else None)
    return json_of(reject_order(context, order_id))


@router.post(
    "/orders/{order_id}/links/revoke",
    response=OrderOut,
    auth=Requires(revoke_order_links),
    openapi_extra=writing(NotFound, KeyReused),
    summary="End an order's links",
)
@decorate_view(repeatable)
def revoke_links(request: ApiRequest, order_id: UUID, payload: CancelIn | None = None) -> HttpResponse:
    """End every link to the order's page given out so far; messages sent from now on have a new one.

    The tickets have links and codes of their own: whoever has seen the page knows them, so replace those
    that a stranger has seen.
    """
    context = command_context(request, payload.reason if payload else None)
    revoke_order_links(context, order_id)
    return json_of(serialize_order(get_order_view(request.auth.organization_id, order_id, now=context.now)))


@router.get(
    "/orders/{order_id}/history",
    response=list[HistoryOut],
    auth=Requires(Permission.ORDER_READ),
    openapi_extra=reading(NotFound),
    summary="Read an order's history",
)
def read_history(request: ApiRequest, order_id: UUID) -> list[Any]:
    """Every change of its status and of its payment's, oldest first: when, who and why."""
    return history_of(request.auth.organization_id, order_id)


@router.get(
    "/orders/{order_id}/tracking",
    response=TrackingOut,
    auth=Requires(Permission.ORDER_READ),
    openapi_extra=reading(NotFound),
    summary="Follow an order's delivery",
)
def read_tracking(request: ApiRequest, order_id: UUID) -> dict[str, Any]:
    document = serialize_order(get_order_view(request.auth.organization_id, order_id, now=utc_now()))
    return {name: document[name] for name in TrackingOut.model_fields}
