"""``/seat-layouts``: plans of halls and coaches, to be used for many events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema, Status
from ninja.decorators import decorate_view
from pydantic import BaseModel, ConfigDict

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.inputs import KEPT, Name
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Input, NameText, Text, example
from kassa.api.versions import expected_version, show_version
from kassa.core.errors import ChangedMeanwhile, NotFound
from kassa.core.permissions import Permission
from kassa.seating.domain import layouts
from kassa.seating.domain.plan import (
    MAX_CATEGORY,
    MAX_COORDINATE,
    MAX_FIRST,
    MAX_NUMBER,
    MAX_ROW,
    MAX_SEATS,
    MAX_SEATS_PER_ROW,
    MAX_SECTION,
)
from kassa.seating.enums import LayoutKind
from kassa.seating.models import SeatLayout
from kassa.seating.queries import seat_layout_of, seat_layouts_of

router = Router(tags=["Seats"])

Category = Annotated[Text, Field(min_length=1, max_length=MAX_CATEGORY, examples=["stalls"])]
Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE, allow_inf_nan=False)]


class _PlanPart(BaseModel):
    """Plain pydantic, because a plan may hold a hundred thousand of these."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True)


class PlanSeat(_PlanPart):
    number: Text = Field(min_length=1, max_length=MAX_NUMBER, examples=["12"])
    category: Category
    x: Coordinate | None = Field(None, description="Where it stands on the drawn plan.")
    y: Coordinate | None = None
    aisle_after: bool | None = Field(None, description="The next seat of the row is across an aisle.")


class PlanRow(_PlanPart):
    """Either `seats` one by one, or `count` and `category` for seats numbered in turn."""

    name: NameText = Field(min_length=1, max_length=MAX_ROW, examples=["A"])
    count: int | None = Field(None, ge=1, le=MAX_SEATS_PER_ROW, examples=[24])
    category: Category | None = None
    first: int | None = Field(None, ge=0, le=MAX_FIRST, description="The first number: 1 if left out.")
    aisles: list[int] | None = Field(
        None, max_length=MAX_SEATS_PER_ROW, description="The numbers after which there is an aisle."
    )
    seats: list[PlanSeat] | None = Field(None, min_length=1, max_length=MAX_SEATS_PER_ROW)


class PlanSection(_PlanPart):
    name: NameText = Field(min_length=1, max_length=MAX_SECTION, examples=["Stalls"])
    rows: list[PlanRow] = Field(min_length=1, max_length=MAX_SEATS, description="The front row first.")


EXAMPLE_PLAN: dict[str, Any] = {
    "sections": [
        {
            "name": "Stalls",
            "rows": [
                {"name": "A", "count": 24, "category": "premium", "first": 1, "aisles": [8, 16]},
                {"name": "B", "count": 24, "category": "stalls", "first": 1, "aisles": [8, 16]},
            ],
        },
        {
            "name": "Box 1",
            "rows": [
                {
                    "name": "1",
                    "seats": [
                        {"number": "1", "category": "box", "x": 0, "y": 12.5, "aisle_after": True},
                        {"number": "2", "category": "box", "x": 2, "y": 12.5},
                    ],
                }
            ],
        },
    ]
}


class SeatPlan(_PlanPart):
    """Sections, rows and seats; the best section and the front row come first."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE_PLAN]})

    sections: list[PlanSection] = Field(min_length=1, max_length=MAX_SEATS)


class SeatLayoutIn(Input):
    model_config = example(name="Great Hall", kind="hall", plan=EXAMPLE_PLAN)

    name: NameText = Field(min_length=1, max_length=200, examples=["Great Hall"])
    kind: LayoutKind = LayoutKind.HALL
    plan: SeatPlan


class SeatLayoutChanges(Input):
    model_config = example(name="Small Hall")

    name: Name = KEPT
    kind: LayoutKind = KEPT
    plan: Annotated[SeatPlan, Field(description="The whole new plan; events keep the seats they have.")] = (
        KEPT
    )


class SeatLayoutSummary(Schema):
    id: UUID
    name: str
    kind: LayoutKind
    seat_count: int
    created_at: datetime
    updated_at: datetime


class SeatLayoutOut(SeatLayoutSummary):
    plan: SeatPlan


@router.post(
    "/seat-layouts",
    response={201: SeatLayoutOut},
    exclude_unset=True,
    auth=Requires(layouts.create_seat_layout),
    openapi_extra=writing(KeyReused, version_status=201),
    summary="Make a seat layout",
)
@decorate_view(repeatable)
def make_layout(request: ApiRequest, payload: SeatLayoutIn) -> Status[SeatLayout]:
    made = layouts.create_seat_layout(
        command_context(request),
        name=payload.name,
        kind=payload.kind,
        plan=payload.plan.model_dump(exclude_none=True),
    )
    show_version(request, made)
    return Status(201, made)


@router.get(
    "/seat-layouts",
    response=Page[SeatLayoutSummary],
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(),
    summary="List seat layouts, without their plans",
)
def list_layouts(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    rows = seat_layouts_of(request.auth.organization_id).defer("plan")
    return page_of(rows, limit=limit, after=after, show=list)


@router.get(
    "/seat-layouts/{layout_id}",
    response=SeatLayoutOut,
    exclude_unset=True,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a seat layout",
)
def read_layout(request: ApiRequest, layout_id: UUID) -> SeatLayout:
    layout = seat_layout_of(request.auth.organization_id, layout_id)
    show_version(request, layout)
    return layout


@router.patch(
    "/seat-layouts/{layout_id}",
    response=SeatLayoutOut,
    exclude_unset=True,
    auth=Requires(layouts.change_seat_layout),
    openapi_extra=writing(NotFound, ChangedMeanwhile),
    summary="Change a seat layout",
)
def update_layout(request: ApiRequest, layout_id: UUID, payload: SeatLayoutChanges) -> SeatLayout:
    changed = layouts.change_seat_layout(
        command_context(request),
        layout_id,
        name=payload.name,
        kind=payload.kind,
        plan=payload.plan.model_dump(exclude_none=True) if payload.plan else None,
        expected=expected_version(request),
    )
    show_version(request, changed)
    return changed


@router.delete(
    "/seat-layouts/{layout_id}",
    response={204: None},
    auth=Requires(layouts.delete_seat_layout),
    openapi_extra=writing(NotFound),
    summary="Delete a seat layout",
)
def remove_layout(request: ApiRequest, layout_id: UUID) -> Status[None]:
    layouts.delete_seat_layout(command_context(request), layout_id)
    return Status(204, None)
