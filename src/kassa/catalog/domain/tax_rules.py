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
from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, NotFound, StillInUse
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.organizations.enums import ChargeTaxation
from kassa.organizations.models import OrganizationSettings

TAX_RULE_FIELDS = frozenset({"name", "rate", "included"})


@command(Permission.OFFER_WRITE)
def create_tax_rule(context: CommandContext, *, name: str, rate: Decimal, included: bool = True) -> TaxRule:
    """Make a tax rule; ``rate`` is per cent, ``included`` says that prices contain it already.

    Raises:
        InvalidInput: the rate is not a percentage.
    """
    _check_rate(rate)
    organization_id, now = context.organization_id, context.now
    with transaction.atomic():
        made = TaxRule.unscoped.create(
            organization_id=organization_id,
            name=name,
            rate=rate,
            included=included,
            created_at=now,
            updated_at=now,
        )
        rule = tax_rule_of(organization_id, made.id)
        record_activity(context, "tax_rule.created", rule)
    return rule


@command(Permission.OFFER_WRITE)
def change_tax_rule(
    context: CommandContext,
    tax_rule_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected: datetime | None = None,
) -> TaxRule:
    """Change a tax rule; orders keep the rate they were placed with.

    Raises:
        NotFound: the organisation has no such tax rule.
        InvalidInput: the rate is not a percentage.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id = context.organization_id
    unknown = sorted(set(changes) - TAX_RULE_FIELDS)
    if unknown:
        raise InvalidInput(f"A tax rule has no field '{unknown[0]}'.", field=unknown[0])
    if "rate" in changes:
        _check_rate(changes["rate"])
    try:
        with transaction.atomic():
            rows = tax_rules_of(organization_id).filter(id=tax_rule_id)
            rule = rows.select_for_update(no_key=True).first()
            if rule is None:
                raise NotFound
            require_version(rule, expected)
            before = snapshot(rule)
            rows.update(**changes, updated_at=context.now)
            rule.refresh_from_db(from_queryset=rows)
            record_activity(context, "tax_rule.changed", rule, before=before)
            return rule
    except IntegrityError as error:
        raise refusal_of(error) from error


@command(Permission.OFFER_WRITE)
def delete_tax_rule(context: CommandContext, tax_rule_id: UUID) -> None:
    """Take a tax rule out of sight; its row stays for the records.

    Raises:
        NotFound: the organisation has no such tax rule.
        StillInUse: a ticket type, a product, the fees or shipping have it.
    """
    organization_id = context.organization_id
    with transaction.atomic():
        rule = tax_rule_of(organization_id, tax_rule_id)
        types = TicketType.objects.of(organization_id).filter(
            tax_rule_id=tax_rule_id, deleted_at=None, event_id__in=events_of(organization_id).values("id")
        )
        if types.exists() or products_of(organization_id).filter(tax_rule_id=tax_rule_id).exists():
            raise StillInUse("Ticket types or products have this tax rule. Give them another one first.")
        settings = OrganizationSettings.objects.of(organization_id)
        if settings.filter(Q(fee_tax_rule_id=tax_rule_id) | Q(shipping_tax_rule_id=tax_rule_id)).exists():
            raise StillInUse("Fees or shipping are taxed by this rule. Change the settings first.")
        tax_rules_of(organization_id).filter(id=tax_rule_id).update(
            deleted_at=context.now, updated_at=context.now
        )
        record_activity(context, "tax_rule.deleted", rule)


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
