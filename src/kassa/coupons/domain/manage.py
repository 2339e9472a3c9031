"""Coupons are made, changed and deleted here; ``uses.py`` counts their uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from kassa.catalog.queries import events_of
from kassa.core.activity_log import record_activity, snapshot
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.core.versions import require_version
from kassa.coupons.domain.rules import COUPON_FIELDS, check_coupon
from kassa.coupons.enums import DiscountType
from kassa.coupons.errors import refusal_of
from kassa.coupons.models import Coupon, CouponEvent
from kassa.coupons.queries import coupons_of
from kassa.organizations.queries import organization_settings


@command(Permission.COUPON_WRITE)
def create_coupon(
    context: CommandContext, *, fields: Mapping[str, Any], events: Sequence[UUID] = ()
) -> Coupon:
    """Make a coupon, good for some events or, without any, for everything.

    An amount is in the organisation's currency unless one is given.

    Raises:
        InvalidInput: the values are not valid, or name an event that does not exist.
        AlreadyExists: another coupon has the code, however it is capitalised.
    """
    organization_id, now = context.organization_id, context.now
    _check_known(fields)
    values = dict(fields)
    if values.get("discount_type") == DiscountType.AMOUNT and values.get("currency") is None:
        values["currency"] = organization_settings(organization_id).default_currency
    check_coupon(values)
    try:
        with transaction.atomic():
            coupon = Coupon.unscoped.create(
                organization_id=organization_id, created_at=now, updated_at=now, **values
            )
            _make_good_for(coupon, events)
            coupon.refresh_from_db(from_queryset=coupons_of(organization_id))
            after = {**snapshot(coupon), "events": sorted(set(events))}
            record_activity(context, "coupon.created", coupon, after=after)
    except IntegrityError as error:
        raise refusal_of(error) from error
    return coupon


@command(Permission.COUPON_WRITE)
def change_coupon(
    context: CommandContext,
    coupon_id: UUID,
    *,
    changes: Mapping[str, Any],
    expected: datetime | None = None,
) -> Coupon:
    """Change a coupon; what is not named stays. ``events`` may be among the changes.

    Raises:
        NotFound: the organisation has no such coupon.
        InvalidInput: the values are not valid together, or name an event that does not exist.
        AlreadyExists: another coupon has the code.
        UsageBelowCount: it has been used more often than the new ``max_usage_total``.
        ChangedMeanwhile: it is no longer the version that was ``expected``.
    """
    organization_id = context.organization_id
    columns = {field: value for field, value in changes.items() if field != "events"}
    _check_known(columns)
    coupon = None
    try:
        with transaction.atomic():
            coupon = coupons_of(organization_id).select_for_update(no_key=True).filter(id=coupon_id).first()
            if coupon is None:
                raise NotFound
            require_version(coupon, expected)
            check_coupon({**{field: getattr(coupon, field) for field in COUPON_FIELDS}, **columns})
            before = snapshot(coupon)
            rows = coupons_of(organization_id).filter(id=coupon_id)
            rows.update(**columns, updated_at=context.now)
            coupon.refresh_from_db(from_queryset=rows)
            after = snapshot(coupon)
            if "events" in changes:
                before["events"] = _make_good_for(coupon, changes["events"])
                after["events"] = sorted(set(changes["events"]))
            record_activity(context, "coupon.changed", coupon, before=before, after=after)
    except IntegrityError as error:
        raise refusal_of(error, used=coupon.current_usage_count if coupon else 0) from error
    return coupon


@command(Permission.COUPON_WRITE)
def delete_coupon(context: CommandContext, coupon_id: UUID) -> None:
    """Take a coupon out of sight; orders that used it keep their discount, and its code is free again.

    Raises:
        NotFound: the organisation has no such coupon.
    """
    with transaction.atomic():
        rows = coupons_of(context.organization_id).filter(id=coupon_id)
        coupon = rows.select_for_update(no_key=True).first()
        if coupon is None:
            raise NotFound
        rows.update(deleted_at=context.now, updated_at=context.now)
        record_activity(context, "coupon.deleted", coupon, before=snapshot(coupon))


def _check_known(fields: Mapping[str, Any]) -> None:
    unknown = sorted(set(fields) - COUPON_FIELDS)
    if unknown:
        raise InvalidInput(f"A coupon has no field '{unknown[0]}'.", field=unknown[0])


def _make_good_for(coupon: Coupon, event_ids: Sequence[UUID]) -> list[UUID]:
    """Write which events a coupon is good for, and return those it was good for.

    Events that are deleted since may stay on the list.
    """
    organization_id = coupon.organization_id
    wanted = dict.fromkeys(event_ids)
    links = CouponEvent.objects.of(organization_id).filter(coupon_id=coupon.id)
    present = set(links.values_list("event_id", flat=True))
    new = [event_id for event_id in wanted if event_id not in present]
    if events_of(organization_id).filter(id__in=new).count() != len(new):
        raise InvalidInput("There is no such event in your organisation.", field="events")
    links.exclude(event_id__in=wanted).delete()
    CouponEvent.unscoped.bulk_create(
        CouponEvent(organization_id=organization_id, coupon_id=coupon.id, event_id=event_id)
        for event_id in new
    )
    return sorted(present)
