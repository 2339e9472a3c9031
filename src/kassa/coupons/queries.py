"""Reads of coupons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Upper

from kassa.core.errors import NotFound
from kassa.coupons.models import Coupon, CouponEvent


@dataclass(frozen=True, slots=True)
class CouponView:
    """A coupon with the events it is good for; none means everything."""

    coupon: Coupon
    events: tuple[UUID, ...]


def coupons_of(organization_id: UUID) -> QuerySet[Coupon]:
    """Return an organisation's coupons, deleted ones left out."""
    return Coupon.objects.of(organization_id).filter(deleted_at=None)


def coupon_of(organization_id: UUID, coupon_id: UUID) -> Coupon:
    """Return one coupon.

    Raises:
        NotFound: the organisation has no such coupon.
    """
    coupon = coupons_of(organization_id).filter(id=coupon_id).first()
    if coupon is None:
        raise NotFound
    return coupon


def coupons_with_code(organization_id: UUID, code: str) -> QuerySet[Coupon]:
    """Return the coupon with a code, however it is capitalised, as a set of one or none."""
    return coupons_of(organization_id).alias(upper_code=Upper("code")).filter(upper_code=code.upper())


def view_coupons(organization_id: UUID, coupons: Sequence[Coupon]) -> list[CouponView]:
    """Return coupons with their events, in one query however many there are."""
    if not coupons:
        return []
    links = CouponEvent.objects.of(organization_id).filter(coupon_id__in=[one.id for one in coupons])
    events: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for coupon_id, event_id in links.order_by("id").values_list("coupon_id", "event_id"):
        events[coupon_id].append(event_id)
    return [CouponView(coupon=one, events=tuple(events[one.id])) for one in coupons]
