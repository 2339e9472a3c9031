"""``/organization``: the one the key belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Router, Schema

from kassa.api.auth import Requires
from kassa.api.inputs import EMPTY_LIST, EMPTY_TEXT, KEPT, ClearableUrl200, LongText, Name, Text200
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Address, Amount, Currency, Email, Input, NameText, Percentage, Text, example
from kassa.api.versions import expected_version, show_version
from kassa.catalog.domain.tax_rules import set_charge_tax_rules
from kassa.core.errors import AlreadyExists, ChangedMeanwhile
from kassa.core.languages import Language
from kassa.core.permissions import Permission
from kassa.organizations.domain.manage import change_organization
from kassa.organizations.enums import ChargeTaxation, Plan
from kassa.organizations.models import OrganizationSettings
from kassa.organizations.queries import organization_settings

router = Router(tags=["Organisation"])

PREFIX = "^[A-Z0-9][A-Z0-9/-]{0,10}[A-Z0-9]$|^[A-Z0-9]$"


ChargeTaxRule = Annotated[
    UUID | Literal["none"] | None,
    Field(
        description="A tax rule; `none`: it is not taxed. Null: it is taxed as the goods it is charged with, "
        "shared out over their rates, and contains that tax."
    ),
]
CHARGES = {"fee": "fee_tax_rule", "shipping": "shipping_tax_rule"}


class SettingsOut(Schema):
    default_currency: str
    email_notifications: bool
    primary_color: str
    secondary_color: str
    allow_guest_checkout: bool
    service_fee_percentage: Percentage
    service_fee_fixed: Amount
    shipping_fee: Amount
    fee_tax_rule: ChargeTaxRule
    shipping_tax_rule: ChargeTaxRule
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
    merge_sub_addresses: bool

    @staticmethod
    def resolve_fee_tax_rule(settings: OrganizationSettings) -> UUID | str | None:
        return _charge_tax_rule(settings.fee_taxation, settings.fee_tax_rule_id)

    @staticmethod
    def resolve_shipping_tax_rule(settings: OrganizationSettings) -> UUID | str | None:
        return _charge_tax_rule(settings.shipping_taxation, settings.shipping_tax_rule_id)


def _charge_tax_rule(taxation: str, rule_id: UUID | None) -> UUID | str | None:
    return ChargeTaxation.NONE.value if taxation == ChargeTaxation.NONE else rule_id


class OrganizationOut(Schema):
    id: UUID
    name: str
    slug: str
    email: str
    phone: str
    website: str
    address: Address | None
    logo: str
    header_image: str = Field(
        description="A wide picture across the top of your home page; empty: a band in your colour."
    )
    plan: Plan
    subscription_id: str
    custom_domain: str | None
    verified_domain: str | None = Field(
        description="The same domain once it is proven to be yours and served. Null: it is not."
    )
    created_at: datetime
    updated_at: datetime
    settings: SettingsOut


Color = Annotated[str, Field(pattern="^(#[0-9a-fA-F]{6})?$", examples=["#1d4ed8"]), EMPTY_TEXT]
Prefix = Annotated[str, Field(pattern=PREFIX)]
Hours = Annotated[int, Field(ge=0, le=8_760)]


class SettingsIn(Input):
    default_currency: Currency = KEPT
    email_notifications: bool = KEPT
    primary_color: Color = KEPT
    secondary_color: Color = KEPT
    allow_guest_checkout: bool = KEPT
    service_fee_percentage: Percentage = KEPT
    service_fee_fixed: Amount = KEPT
    shipping_fee: Amount = KEPT
    fee_tax_rule: ChargeTaxRule = KEPT
    shipping_tax_rule: ChargeTaxRule = KEPT
    ticket_transfers_enabled: bool = KEPT
    refund_policy: LongText = KEPT
    privacy_policy_url: ClearableUrl200 = KEPT
    terms_of_service_url: ClearableUrl200 = KEPT
    hold_minutes: Annotated[int, Field(ge=1, le=10_080)] = KEPT
    approval_hours: Annotated[int, Field(ge=1, le=8_760)] = KEPT
    max_payment_attempts: Annotated[int, Field(ge=1, le=20)] = KEPT
    default_language: Annotated[
        Language, Field(description="What buyers are written to in who have not said what they read.")
    ] = KEPT
    transfer_until_hours: Annotated[
        Hours, Field(description="Until how many hours before its event a ticket may change hands.")
    ] = KEPT
    attendee_changes_enabled: Annotated[
        bool, Field(description="Whether who holds a ticket may change its name and answers.")
    ] = KEPT
    attendee_changes_until_hours: Annotated[
        Hours, Field(description="Until how many hours before its event they may.")
    ] = KEPT
    refund_fees: Annotated[
        bool, Field(description="Whether the service fee goes back with the last ticket of an order.")
    ] = KEPT
    refund_shipping: Annotated[
        bool, Field(description="Whether the shipping fee goes back with the last ticket of an order.")
    ] = KEPT
    legal_name: Annotated[
        NameText,
        Field(max_length=200, description="Who invoices; empty: the organisation's name."),
        EMPTY_TEXT,
    ] = KEPT
    tax_number: Annotated[Text, Field(max_length=60), EMPTY_TEXT] = KEPT
    vat_id: Annotated[Text, Field(max_length=40, examples=["DE129273398"]), EMPTY_TEXT] = KEPT
    register_entry: Annotated[
        Text200, Field(description="Where it is registered, and under which number.")
    ] = KEPT
    invoice_prefix: Annotated[
        Prefix, Field(description="What the numbers of invoices begin with.", examples=["INV"])
    ] = KEPT
    credit_note_prefix: Annotated[
        Prefix, Field(description="The same of credit notes; another one.", examples=["CN"])
    ] = KEPT
    invoice_footer: Annotated[
        Text,
        Field(max_length=1_000, description="What stands below every invoice: bank details, for instance."),
        EMPTY_TEXT,
    ] = KEPT
    buyer_refunds_enabled: Annotated[
        bool, Field(description="Whether buyers may give tickets back by themselves.")
    ] = KEPT
    buyer_refund_until_hours: Annotated[
        Hours, Field(description="Until how many hours before their event they may.")
    ] = KEPT
    buyer_refund_fee_percentage: Annotated[
        Percentage, Field(description="The part of a ticket's price that is kept back then, in per cent.")
    ] = KEPT
    embed_sites: Annotated[
        list[Text],
        Field(
            max_length=50,
            description="Websites that may show the shop in a frame, beside the organisation's own.",
            examples=[["https://www.example.org"]],
        ),
        EMPTY_LIST,
    ] = KEPT
    merge_sub_addresses: Annotated[
        bool,
        Field(
            description="Whether `ada+news@example.com` counts as `ada@example.com` where something is "
            "limited for each customer: uses of coupons, one booking each."
        ),
    ] = KEPT


class OrganizationIn(Input):
    """What is left out stays; `null` clears what can be empty."""

    model_config = example(phone="+44 117 496 0000", settings={"hold_minutes": 20})

    name: Name = KEPT
    slug: Annotated[
        Text,
        Field(
            min_length=1,
            max_length=80,
            description="What the addresses of its shop begin with. Addresses with an earlier slug lead on "
            "to the new ones, and no other organisation can have it.",
            examples=["harbour-hall"],
        ),
    ] = KEPT
    email: Email = KEPT
    phone: Annotated[Text, Field(max_length=40), EMPTY_TEXT] = KEPT
    website: ClearableUrl200 = KEPT
    address: Address | None = KEPT
    logo: ClearableUrl200 = KEPT
    header_image: Annotated[
        ClearableUrl200,
        Field(description="The address of a wide picture across the top of your home page; null: none."),
    ] = KEPT
    custom_domain: Annotated[
        Text | None,
        Field(
            max_length=253,
            description="A domain of its own, which leads to this Kassa. It is served once it is proven: "
            "`GET /organization/domain` says how. Null or empty: none.",
            examples=["tickets.example.org"],
        ),
    ] = KEPT
    settings: SettingsIn = KEPT


@router.get(
    "/organization",
    response=OrganizationOut,
    auth=Requires(Permission.ORGANIZATION_READ),
    openapi_extra=reading(has_version=True),
    summary="Read the organisation",
)
def read_organization(request: ApiRequest) -> dict[str, Any]:
    return _show(request, organization_settings(request.auth.organization_id))


@router.patch(
    "/organization",
    response=OrganizationOut,
    auth=Requires(change_organization),
    openapi_extra=writing(AlreadyExists, ChangedMeanwhile),
    summary="Change the organisation or its settings",
)
def update_organization(request: ApiRequest, payload: OrganizationIn) -> dict[str, Any]:
    given = payload.model_dump(exclude_unset=True)
    settings = given.pop("settings", {})
    organization_id = request.auth.organization_id
    charges = {charge: settings.pop(field) for charge, field in CHARGES.items() if field in settings}
    settings = set_charge_tax_rules(settings, organization_id=organization_id, charges=charges)
    changed = change_organization(
        command_context(request), changes=given, settings=settings, expected=expected_version(request)
    )
    return _show(request, changed)


def _show(request: ApiRequest, settings: OrganizationSettings) -> dict[str, Any]:
    show_version(request, settings.organization)
    columns = OrganizationOut.model_fields.keys() - {"settings"}
    shown = {name: getattr(settings.organization, name) for name in columns}
    return {**shown, "settings": settings}
