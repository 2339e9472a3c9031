"""Shapes of check-in lists and devices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema

from kassa.admission.enums import DeviceStatus, EntryRule
from kassa.api.inputs import EMPTY_LIST, KEPT, Ids, Moment, Name, Text80
from kassa.api.schemas import Input, Text, example

MAX_GATES = 100


Gate = Annotated[Text80, Field(min_length=1, examples=["North"])]
Gates = Annotated[list[Gate], Field(max_length=MAX_GATES), EMPTY_LIST]
Area = Annotated[Text, Field(min_length=1, max_length=40, examples=["entrance"])]


class CheckinListChange(Input):
    model_config = example(doors_open_at="2027-06-12T17:00:00Z")

    name: Annotated[Name, Field(max_length=120)] = KEPT
    area: Area = KEPT
    gates: Gates = KEPT
    ticket_types: Ids = KEPT
    entry_rule: EntryRule = KEPT
    exits: bool = KEPT
    doors_open_at: Moment | None = KEPT
    doors_close_at: Moment | None = KEPT


class CheckinListIn(Input):
    model_config = example(
        event="0197a7f0-5b7c-7c3e-8a51-3c2f6f1f0a11", name="Main entrance", gates=["North", "South"]
    )

    event: UUID
    name: Annotated[Name, Field(max_length=120)]
    area: Area = Field("entrance", description="Lists of one event with the same area share who is in.")
    gates: Gates = []
    ticket_types: Ids = Field([], description="Those that are let in; empty: all of the event.")
    entry_rule: EntryRule = EntryRule.ONCE
    exits: bool = Field(default=False, description="Whether exits are scanned.")
    doors_open_at: Moment | None = None
    doors_close_at: Moment | None = None


class ListEventOut(Schema):
    id: UUID
    title: str
    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: str
    venue_name: str


class CheckinListOut(Schema):
    id: UUID
    event: ListEventOut
    name: str
    area: str
    gates: list[str]
    ticket_types: list[UUID]
    entry_rule: EntryRule
    exits: bool
    doors_open_at: datetime | None
    doors_close_at: datetime | None
    created_at: datetime
    updated_at: datetime


class DeviceIn(Input):
    model_config = example(name="Front door phone 1", gate="North")

    name: Annotated[Name, Field(max_length=120)]
    gate: Text80 = Field("", description="Where it stands, unless a scan says otherwise.")
    checkin_lists: Ids = Field([], description="Those that it scans for; empty: all.")


class DeviceChange(Input):
    model_config = example(gate="South")

    name: Annotated[Name, Field(max_length=120)] = KEPT
    gate: Text80 = KEPT
    checkin_lists: Ids = KEPT


class EnrolmentOut(Schema):
    url: str = Field(description="Open it on the phone.")
    code: str = Field(description="Works once, for an hour. It is shown this once.")
    expires_at: datetime
    qr_svg: str = Field(description="The address as a QR code.")


class DeviceOut(Schema):
    id: UUID
    name: str
    gate: str
    checkin_lists: list[UUID]
    status: DeviceStatus
    enrolment: EnrolmentOut | None = None
    created_at: datetime
    enrolled_at: datetime | None
    last_seen_at: datetime | None
    revoked_at: datetime | None


class EnrolIn(Input):
    model_config = example(code="pJx0fJkq3mU1vY7yq4nTtB2c9H8sW6dEoRzLaKiGh5M")

    code: Annotated[Text, Field(min_length=1, max_length=200)]


class EnrolledDeviceOut(Schema):
    id: UUID
    name: str
    gate: str
    checkin_lists: list[UUID]


class EnrolledOrganizationOut(Schema):
    id: UUID
    name: str
    slug: str
    primary_color: str
    default_language: str


class EnrolledOut(Schema):
    api_key: str = Field(description="The device's key. It is shown this once.")
    device: EnrolledDeviceOut
    organization: EnrolledOrganizationOut
