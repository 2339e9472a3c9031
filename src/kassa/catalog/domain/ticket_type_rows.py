"""The rows of ticket types, written set-wise: types, their quotas, what they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kassa.catalog.domain.ticket_type_rules import TICKET_TYPE_FIELDS, check_ticket_type, complete
from kassa.catalog.models import Event, TaxRule, TicketType, TicketTypeQuota
from kassa.core.errors import InvalidInput
from kassa.inventory.domain.quotas import new_quota
from kassa.inventory.enums import QuotaKind
from kassa.inventory.models import Quota
from kassa.inventory.queries import quotas_of


def write_ticket_types(
    event: Event, given: Sequence[Mapping[str, Any]], *, now: datetime, within: str | None = None
) -> list[TicketType]:
    """Write new ticket types of an event, in three statements however many there are.

    ``within`` names the list they came in, so that an error can say which one is meant.

    Raises:
        InvalidInput: a value is not valid, or names a tax rule or quota that does not exist.
    """
    if not given:
        return []
    completed = [
        _checked(values, event, f"{within}.{index}." if within else "") for index, values in enumerate(given)
    ]
    check_tax_rules(event.organization_id, (values.get("tax_rule") for values in completed))
    check_shared_quotas(event.organization_id, (values.get("shared_quotas") or () for values in completed))
    quotas: list[Quota] = []
    types = [_new_ticket_type(event, values, quotas, now) for values in completed]
    Quota.unscoped.bulk_create(quotas)
    TicketType.unscoped.bulk_create(types)
    TicketTypeQuota.unscoped.bulk_create(
        TicketTypeQuota(organization_id=event.organization_id, ticket_type=made, quota_id=quota_id)
        for made, values in zip(types, completed, strict=True)
        for quota_id in dict.fromkeys(values.get("shared_quotas") or ())
    )
    return types


def _checked(given: Mapping[str, Any], event: Event, place: str) -> dict[str, Any]:
    try:
        values = complete(given)
        check_ticket_type(values, kind=event.kind, currency=event.currency)
    except InvalidInput as error:
        raise InvalidInput(error.detail, field=f"{place}{error.field}") from error
    return values


def _new_ticket_type(
    event: Event, values: Mapping[str, Any], quotas: list[Quota], now: datetime
) -> TicketType:
    quota = None
    if values.get("quantity") is not None:
        quota = new_quota(
            event.organization_id,
            name=values["name"],
            kind=QuotaKind.TICKET_TYPE,
            capacity=values["quantity"],
            now=now,
        )
        quotas.append(quota)
    return TicketType(
        organization_id=event.organization_id,
        event_id=event.id,
        quota_id=quota.id if quota else None,
        tax_rule_id=values.get("tax_rule"),
        created_at=now,
        updated_at=now,
        **{field: values[field] for field in TICKET_TYPE_FIELDS if field in values},
    )


def check_tax_rules(organization_id: UUID, tax_rule_ids: Iterable[UUID | None]) -> None:
    """Let tax rules pass if the organisation has them all.

    Raises:
        InvalidInput: it has not.
    """
    wanted = {tax_rule_id for tax_rule_id in tax_rule_ids if tax_rule_id is not None}
    if not wanted:
        return
    known = TaxRule.objects.of(organization_id).filter(id__in=wanted, deleted_at=None)
    if known.count() != len(wanted):
        raise InvalidInput("There is no such tax rule in your organisation.", field="tax_rule")


def check_shared_quotas(organization_id: UUID, lists_of_ids: Iterable[Iterable[UUID]]) -> None:
    """Let quotas pass if the organisation has them all and they are made to be shared.

    Raises:
        InvalidInput: they are not.
    """
    wanted = {quota_id for ids in lists_of_ids for quota_id in ids}
    if not wanted:
        return
    if quotas_of(organization_id).filter(id__in=wanted, kind=QuotaKind.SHARED).count() != len(wanted):
        raise InvalidInput("There is no such shared quota in your organisation.", field="shared_quotas")
