"""Tax rules are made, changed and deleted here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from kassa.catalog.errors import refusal_of
from kassa.catalog.models import TaxRule, TicketType
from kassa.catalog.queries import events_of, products_of, tax_rule_of, tax_rules_of
from kassa.core.errors import InvalidInput, StillInUse
from kassa.organizations.enums import ChargeTaxation
from kassa.organizations.models import OrganizationSettings

TAX_RULE_FIELDS = frozenset({"name", "rate", "included"})


def create_tax_rule(
    organization_id: UUID, *, name: str, rate: Decimal, now: datetime, included: bool = True
) -> TaxRule:
    """Make a tax rule; ``rate`` is per cent, ``included`` says that prices contain it already.

    Raises:
        InvalidInput: the rate is not a percentage.
    """
    _check_rate(rate)
    made = TaxRule.unscoped.create(
        organization_id=organization_id, name=name, rate=rate, included=included, created_at=now
    )
    return tax_rule_of(organization_id, made.id)


def change_tax_rule(organization_id: UUID, *, tax_rule_id: UUID, changes: Mapping[str, Any]) -> TaxRule:
    """Change a tax rule; orders keep the rate they were placed with.

    Raises:
        NotFound: the organisation has no such tax rule.
        InvalidInput: the rate is not a percentage.
    """
    unknown = sorted(set(changes) - TAX_RULE_FIELDS)
    if unknown:
        raise InvalidInput(f"A tax rule has no field '{unknown[0]}'.", field=unknown[0])
    if "rate" in changes:
        _check_rate(changes["rate"])
    try:
        with transaction.atomic():
            if changes:
                tax_rules_of(organization_id).filter(id=tax_rule_id).update(**changes)
            return tax_rule_of(organization_id, tax_rule_id)
    except IntegrityError as error:
        raise refusal_of(error) from error


def delete_tax_rule(organization_id: UUID, *, tax_rule_id: UUID, now: datetime) -> None:
    """Take a tax rule out of sight; its row stays for the records.

    Raises:
        NotFound: the organisation has no such tax rule.
        StillInUse: a ticket type, a product, the fees or shipping have it.
    """
    with transaction.atomic():
        tax_rule_of(organization_id, tax_rule_id)
        types = TicketType.objects.of(organization_id).filter(
            tax_rule_id=tax_rule_id, deleted_at=None, event_id__in=events_of(organization_id).values("id")
        )
        if types.exists() or products_of(organization_id).filter(tax_rule_id=tax_rule_id).exists():
            raise StillInUse("Ticket types or products have this tax rule. Give them another one first.")
        settings = OrganizationSettings.objects.of(organization_id)
        if settings.filter(Q(fee_tax_rule_id=tax_rule_id) | Q(shipping_tax_rule_id=tax_rule_id)).exists():
            raise StillInUse("Fees or shipping are taxed by this rule. Change the settings first.")
        tax_rules_of(organization_id).filter(id=tax_rule_id).update(deleted_at=now)


def set_charge_tax_rules(
    settings: Mapping[str, Any], *, organization_id: UUID, charges: Mapping[str, UUID | str | None]
) -> dict[str, Any]:
    """Return settings with how fees and shipping are taxed.

    ``charges`` has for ``fee`` and ``shipping`` the id of a tax rule, ``none``, or None: as the goods.

    Raises:
        InvalidInput: the organisation has no such tax rule.
    """
    columns = dict(settings)
    for charge, rule in charges.items():
        rule_id = rule if isinstance(rule, UUID) else None
        if rule_id and not tax_rules_of(organization_id).filter(id=rule_id).exists():
            field = f"settings.{charge}_tax_rule"
            raise InvalidInput("There is no such tax rule in your organisation.", field=field)
        otherwise = ChargeTaxation.AS_GOODS if rule is None else ChargeTaxation.NONE
        taxation = otherwise if rule_id is None else ChargeTaxation.RULE
        columns |= {f"{charge}_taxation": taxation, f"{charge}_tax_rule_id": rule_id}
    return columns


def _check_rate(rate: Decimal) -> None:
    if not 0 <= rate <= 100:
        raise InvalidInput("A rate is a percentage from 0 to 100.", field="rate")
