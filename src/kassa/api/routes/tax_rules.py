"""``/tax-rules``: rates that ticket types and products have."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.inputs import KEPT
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.schemas import Input, NameText, Percentage, example
from kassa.api.versions import expected_version, show_version
from kassa.catalog.domain.tax_rules import change_tax_rule, create_tax_rule, delete_tax_rule
from kassa.catalog.models import TaxRule
from kassa.catalog.queries import tax_rule_of, tax_rules_of
from kassa.core.errors import ChangedMeanwhile, NotFound, StillInUse
from kassa.core.permissions import Permission

router = Router(tags=["Tax rules"])

RuleName = Annotated[NameText, Field(min_length=1, max_length=80, examples=["VAT 19 %"])]


class TaxRuleChange(Input):
    model_config = example(rate="20.0")

    name: RuleName = KEPT
    rate: Percentage = KEPT
    included: bool = KEPT


class TaxRuleIn(TaxRuleChange):
    model_config = example(name="VAT 19 %", rate="19.0", included=True)

    name: RuleName
    rate: Percentage
    included: bool = Field(True, description="Whether prices contain it already.")


class TaxRuleOut(Schema):
    id: UUID
    name: str
    rate: Percentage
    included: bool
    created_at: datetime
    updated_at: datetime


@router.post(
    "/tax-rules",
    response={201: TaxRuleOut},
    auth=Requires(create_tax_rule),
    openapi_extra=writing(KeyReused, version_status=201),
    summary="Make a tax rule",
)
@decorate_view(repeatable)
def create(request: ApiRequest, payload: TaxRuleIn) -> Status[TaxRule]:
    return Status(201, _show(request, create_tax_rule(command_context(request), **payload.model_dump())))


@router.get(
    "/tax-rules",
    response=Page[TaxRuleOut],
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(),
    summary="List tax rules",
)
def list_all(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    return page_of(tax_rules_of(request.auth.organization_id), limit=limit, after=after, show=list)


@router.get(
    "/tax-rules/{tax_rule_id}",
    response=TaxRuleOut,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound, has_version=True),
    summary="Read a tax rule",
)
def read(request: ApiRequest, tax_rule_id: UUID) -> TaxRule:
    return _show(request, tax_rule_of(request.auth.organization_id, tax_rule_id))


@router.patch(
    "/tax-rules/{tax_rule_id}",
    response=TaxRuleOut,
    auth=Requires(change_tax_rule),
    openapi_extra=writing(NotFound, ChangedMeanwhile),
    summary="Change a tax rule",
    description="Orders keep the rate they were placed with.",
)
def change(request: ApiRequest, tax_rule_id: UUID, payload: TaxRuleChange) -> TaxRule:
    changed = change_tax_rule(
        command_context(request),
        tax_rule_id,
        changes=payload.model_dump(exclude_unset=True),
        expected=expected_version(request),
    )
    return _show(request, changed)


@router.delete(
    "/tax-rules/{tax_rule_id}",
    response={204: None},
    auth=Requires(delete_tax_rule),
    openapi_extra=writing(NotFound, StillInUse),
    summary="Delete a tax rule",
)
def delete(request: ApiRequest, tax_rule_id: UUID) -> Status[None]:
    delete_tax_rule(command_context(request), tax_rule_id)
    return Status(204, None)


def _show(request: ApiRequest, rule: TaxRule) -> TaxRule:
    show_version(request, rule)
    return rule
