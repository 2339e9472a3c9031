"""Where on a page a refusal of the sale is told, and what of a choice it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kassa.core.errors import KassaError
from kassa.sales.errors import CouponRefusal, LineRefusal, SeatTaken, SeatUnknown
from kassa.storefront.choose.form import AskedFor, find_seat
from kassa.storefront.choose.names import seat_text
from kassa.storefront.choose.offers import Offered
from kassa.storefront.choose.seat_plan import SeatPlan
from kassa.storefront.refusals import refusal_text
from kassa.storefront.visitors.limits import is_about_coupons


def problems_of(refused: KassaError, asked: AskedFor, plan: SeatPlan, offer: Offered) -> dict[str, str]:
    """Return by field what is wrong; ``form`` is the form as a whole."""
    if isinstance(refused, CouponRefusal) or is_about_coupons(refused):
        return {"coupon": _text(refused, offer)}
    taken = [plan.by_id[seat_id] for seat_id in _seats(refused) if seat_id in plan.by_id]
    if taken and refused.code == "seat_taken":
        names = "; ".join(seat_text(seat) for seat in taken)
        text = ngettext(
            "%(seats)s has just been taken. Choose another seat.",
            "%(seats)s have just been taken. Choose other seats.",
            len(taken),
        )
        return {"seat": text % {"seats": names}}
    item = refused.item if isinstance(refused, LineRefusal) else None
    field = asked.fields.get(item) if item else None
    if item and field is None:
        # It is about something of another page that the cart has already.
        return {
            "form": _("Something in your cart stands in the way: %(why)s") % {"why": _text(refused, offer)}
        }
    return {field or "form": _text(refused, offer)}


def drop_taken(
    chosen: Mapping[str, str | list[str]], refused: KassaError, plan: SeatPlan
) -> dict[str, str | list[str]]:
    """Return a choice without the seats that others have taken."""
    taken = set(_seats(refused))
    kept = []
    for value in chosen.get("seat", []):
        seat, _type = find_seat(value, plan)
        if seat is not None and seat.id not in taken:
            kept.append(value)
    return {**chosen, "seat": kept}


def _seats(refused: KassaError) -> tuple[UUID, ...]:
    return refused.seats if isinstance(refused, SeatTaken | SeatUnknown) else ()


def _text(refused: KassaError, offer: Offered) -> str:
    return refusal_text(refused, time_zone=offer.event.time_zone if offer.event else "UTC")
