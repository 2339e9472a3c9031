"""``/organization``: the one the key belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema

from kassa.api.auth import Requires
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest
from kassa.api.schemas import Address, Amount, Currency, Email, Input, NameText, Percentage, Text, example
from kassa.core.clock import utc_now
from kassa.core.errors import AlreadyExists
from kassa.core.languages import Language
from kassa.identity.permissions import Permission
from kassa.organizations.domain.manage import change_organization
from kassa.organizations.enums import Plan
from kassa.organizations.models import OrganizationSettings
from kassa.organizations.queries import organization_settings

router = Router(tags=["Organisation"])

PREFIX = "^[A-Z0-9][A-Z0-9/-]{0,10}[A-Z0-9]$|^[A-Z0-9]$"


class SettingsOut(Schema):
    default_currency: str
    email_notifications: bool
    primary_color: str
    secondary_color: str
    allow_guest_checkout: bool
    service_fee_percentage: Percentage
    service_fee_fixed: Amount
    shipping_fee: Amount
    ticket_transfers_enabled: bool
    refund_policy: str
    privacy_policy_url: str
    terms_of_service_url: str
    hold_minutes: int
    approval_hours: int
    max_payment_attempts: int
    default_language: Language
    transfer_until_hours: int
    attendee_changes_enabled: bool
    attendee_changes_until_hours: int
    refund_fees: bool
    refund_shipping: bool
    legal_name: str
    tax_number: str
    vat_id: str
    register_entry: str
    invoice_prefix: str
    credit_note_prefix: str
    invoice_footer: str
    buyer_refunds_enabled: bool
    buyer_refund_until_hours: int
    buyer_refund_fee_percentage: Percentage
    embed_sites: list[str]


class OrganizationOut(Schema):
    id: UUID
    name: str
    slug: str
    email: str
    phone: str
    website: str
    address: Address | None
    logo: str
    plan: Plan
    subscription_id: str
    custom_domain: str | None
    created_at: datetime
    updated_at: datetime
    settings: SettingsOut


class SettingsIn(Input):
    default_currency: Currency | None = None
    email_notifications: bool | None = None
    primary_color: str | None = Field(None, pattern="^(#[0-9a-fA-F]{6})?$", examples=["#1d4ed8"])
    secondary_color: str | None = Field(None, pattern="^(#[0-9a-fA-F]{6})?$")
    allow_guest_checkout: bool | None = None
    service_fee_percentage: Percentage | None = None
    service_fee_fixed: Amount | None = None
    shipping_fee: Amount | None = None
    ticket_transfers_enabled: bool | None = None
    refund_policy: Text | None = Field(None, max_length=20_000)
    privacy_policy_url: Text | None = Field(None, max_length=200)
    terms_of_service_url: Text | None = Field(None, max_length=200)
    hold_minutes: int | None = Field(None, ge=1, le=10_080)
    approval_hours: int | None = Field(None, ge=1, le=8_760)
    max_payment_attempts: int | None = Field(None, ge=1, le=20)
    default_language: Language | None = Field(
        None, description="What buyers are written to in who have not said what they read."
    )
    transfer_until_hours: int | None = Field(
        None, ge=0, le=8_760, description="Until how many hours before its event a ticket may change hands."
    )
    attendee_changes_enabled: bool | None = Field(
        None, description="Whether who holds a ticket may change its name and answers."
    )
    attendee_changes_until_hours: int | None = Field(
        None, ge=0, le=8_760, description="Until how many hours before its event they may."
    )
    refund_fees: bool | None = Field(
        None, description="Whether the service fee goes back with the last ticket of an order."
    )
    refund_shipping: bool | None = Field(
        None, description="Whether the shipping fee goes back with the last ticket of an order."
    )
    legal_name: NameText | None = Field(
        None, max_length=200, description="Who invoices; empty: the organisation's name."
    )
    tax_number: Text | None = Field(None, max_length=60)
    vat_id: Text | None = Field(None, max_length=40, examples=["DE129273398"])
    register_entry: Text | None = Field(
        None, max_length=200, description="Where it is registered, and under which number."
    )
    invoice_prefix: str | None = Field(
        None, pattern=PREFIX, description="What the numbers of invoices begin with.", examples=["INV"]
    )
    credit_note_prefix: str | None = Field(
        None, pattern=PREFIX, description="The same of credit notes; another one.", examples=["CN"]
    )
    invoice_footer: Text | None = Field(
        None, max_length=1_000, description="What stands below every invoice: bank details, for instance."
    )
    buyer_refunds_enabled: bool | None = Field(
        None, description="Whether buyers may give tickets back by themselves."
    )
    buyer_refund_until_hours: int | None = Field(
        None, ge=0, le=8_760, description="Until how many hours before their event they may."
    )
    buyer_refund_fee_percentage: Percentage | None = Field(
        None, description="What is kept back of the price of a ticket then, in per cent."
    )
    embed_sites: list[Text] | None = Field(
        None,
        max_length=50,
        description="Websites that may show the shop in a frame, beside the organisation's own.",
        examples=[["https://www.example.org"]],
    )


class OrganizationIn(Input):
    model_config = example(phone="+44 117 496 0000", settings={"hold_minutes": 20})

    name: NameText | None = Field(None, min_length=1, max_length=200)
    email: Email | None = None
    phone: Text | None = Field(None, max_length=40)
    website: Text | None = Field(None, max_length=200)
    address: Address | None = None
    logo: Text | None = Field(None, max_length=200)
    custom_domain: Text | None = Field(
        None,
        max_length=253,
        description="A domain of its own, which leads to this Kassa; empty: none.",
        examples=["tickets.example.org"],
    )
    settings: SettingsIn | None = None


@router.get(
    "/organization",
    response=OrganizationOut,
    auth=Requires(Permission.ORGANIZATION_READ),
    openapi_extra=reading(),
    summary="Read the organisation",
)
def read_organization(request: ApiRequest) -> dict[str, Any]:
    return _show(organization_settings(request.auth.organization_id))


@router.patch(
    "/organization",
    response=OrganizationOut,
    auth=Requires(Permission.ORGANIZATION_WRITE),
    openapi_extra=writing(AlreadyExists),
    summary="Change the organisation or its settings",
)
def update_organization(request: ApiRequest, payload: OrganizationIn) -> dict[str, Any]:
    given = payload.model_dump(exclude_unset=True, exclude_none=True, exclude={"settings"})
    settings = payload.settings.model_dump(exclude_unset=True, exclude_none=True) if payload.settings else {}
    actor = request.auth
    return _show(change_organization(actor.organization_id, now=utc_now(), changes=given, settings=settings))


def _show(settings: OrganizationSettings) -> dict[str, Any]:
    columns = OrganizationOut.model_fields.keys() - {"settings"}
    shown = {name: getattr(settings.organization, name) for name in columns}
    return {**shown, "settings": settings}
