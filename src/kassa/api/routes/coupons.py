"""``/coupons``: codes that make an order cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.inputs import KEPT, Count, CountFromOne, Ids, Moment, Text300
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Amount, Currency, Input, Text, example
from kassa.api.versions import expected_version, show_version
from kassa.core.errors import AlreadyExists, ChangedMeanwhile, NotFound
from kassa.core.money import format_amount
from kassa.core.permissions import Permission
from kassa.coupons.domain.manage import change_coupon, create_coupon, delete_coupon
from kassa.coupons.enums import DiscountType
from kassa.coupons.errors import UsageBelowCount
from kassa.coupons.models import Coupon
from kassa.coupons.queries import CouponView, coupon_of, coupons_of, coupons_with_code, view_coupons

router = Router(tags=["Coupons"])

Code = Annotated[Text, Field(min_length=1, max_length=60, pattern="^[!-~]+$", examples=["EARLYBIRD"])]


class CouponChange(Input):
    model_config = example(is_active=False)

    code: Code = KEPT
    description: Text300 = KEPT
    discount_type: DiscountType = KEPT
    discount_value: Amount = KEPT
    currency: Currency | None = KEPT
    is_active: bool = KEPT
    starts_at: Moment | None = KEPT
    ends_at: Moment | None = KEPT
    max_usage_per_user: CountFromOne = KEPT
    max_usage_total: Count | None = KEPT
    min_purchase_amount: Amount | None = KEPT
    events: Ids = KEPT


class CouponIn(CouponChange):
    """``discount_value`` is per cent, or an amount in ``currency`` (the organisation's by default)."""

    model_config = example(code="EARLYBIRD", discount_type="percentage", discount_value="10")

    code: Code
    discount_type: DiscountType
    discount_value: Amount


class CouponOut(Schema):
    id: UUID
    code: str
    description: str
    discount_type: DiscountType
    discount_value: str = Field(description="Per cent, or an amount in `currency`.", examples=["10"])
    currency: str | None = Field(description="Null: good in every currency.")
    is_active: bool
    starts_at: datetime | None
    ends_at: datetime | None = Field(description="Exclusive. Null: does not end.")
    max_usage_per_user: int
    max_usage_total: int | None = Field(description="Null: no limit over all customers.")
    current_usage_count: int
    min_purchase_amount: str | None
    events: list[UUID] = Field(description="What it is good for; empty means everything.")
    created_at: datetime
    updated_at: datetime


@router.post(
    "/coupons",
    response={201: CouponOut},
    auth=Requires(create_coupon),
    openapi_extra=writing(AlreadyExists, KeyReused, version_status=201),
    summary="Make a coupon",
)
@decorate_view(repeatable)
def create(request: ApiRequest, payload: CouponIn) -> Status[dict[str, Any]]:
    fields = payload.model_dump(exclude_unset=True, exclude={"events"})
    made = create_coupon(command_context(request), fields=fields, events=payload.events or [])
    return Status(201, _show_one(request, made))


@router.get(
    "/coupons",
    response=Page[CouponOut],
    auth=Requires(Permission.COUPON_READ),
    openapi_extra=reading(),
    summary="List coupons",
)
def list_all(
    request: ApiRequest,
    code: Text | None = None,
    is_active: bool | None = None,
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    organization_id = request.auth.organization_id
    rows = coupons_of(organization_id) if code is None else coupons_with_code(organization_id, code)
    if is_active is not None:
        rows = rows.filter(is_active=is_active)

    def show(coupons: Sequence[Coupon]) -> list[dict[str, Any]]:
        return [_show(view) for view in view_coupons(organization_id, coupons)]

    return page_of(rows, limit=limit, after=after, show=show)


@router.get(
    "/coupons/{coupon_id}",
    response=CouponOut,
    auth=Requires(Permission.COUPON_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a coupon",
)
def read(request: ApiRequest, coupon_id: UUID) -> dict[str, Any]:
    return _show_one(request, coupon_of(request.auth.organization_id, coupon_id))


@router.patch(
    "/coupons/{coupon_id}",
    response=CouponOut,
    auth=Requires(change_coupon),
    openapi_extra=writing(NotFound, AlreadyExists, UsageBelowCount, ChangedMeanwhile),
    summary="Change or deactivate a coupon",
)
def change(request: ApiRequest, coupon_id: UUID, payload: CouponChange) -> dict[str, Any]:
    changed = change_coupon(
        command_context(request),
        coupon_id,
        changes=payload.model_dump(exclude_unset=True),
        expected=expected_version(request),
    )
    return _show_one(request, changed)


@router.delete(
    "/coupons/{coupon_id}",
    response={204: None},
    auth=Requires(delete_coupon),
    openapi_extra=writing(NotFound),
    summary="Delete a coupon",
    description="Orders that used it keep their discount, and its code is free again.",
)
def delete(request: ApiRequest, coupon_id: UUID) -> Status[None]:
    delete_coupon(command_context(request), coupon_id)
    return Status(204, None)


def _show_one(request: ApiRequest, coupon: Coupon) -> dict[str, Any]:
    show_version(request, coupon)
    return _show(view_coupons(request.auth.organization_id, [coupon])[0])


def _show(view: CouponView) -> dict[str, Any]:
    coupon = view.coupon
    own = {"discount_value", "min_purchase_amount", "events"}
    least = coupon.min_purchase_amount
    is_amount = coupon.discount_type == DiscountType.AMOUNT
    return {
        **{name: getattr(coupon, name) for name in CouponOut.model_fields if name not in own},
        "discount_value": _amount(coupon.discount_value, coupon.currency if is_amount else None),
        "min_purchase_amount": None if least is None else _amount(least, coupon.currency),
        "events": list(view.events),
    }


def _amount(amount: Any, currency: str | None) -> str:
    """Return an amount with its currency's decimals, or a plain number without trailing zeros."""
    return format_amount(amount, currency) if currency else format(amount.normalize(), "f")
