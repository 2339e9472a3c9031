"""The form of a choice, as it is sent: read, with everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from kassa.sales.domain.request import RequestedLine
from kassa.storefront.choose.offers import Offered, all_types, types_of_category
from kassa.storefront.choose.seat_plan import PlanSeat, SeatPlan
from kassa.storefront.shop.offer import OfferedType

MOST = 10_000
"""More than this of one thing is a typing mistake."""
MOST_SEATS = 200
"""More single seats than this are not looked at."""
LONGEST_COUPON = 60
COUNTED = ("type-", "best-", "product-")


@dataclass(slots=True)
class AskedFor:
    """What a form asks for."""

    lines: list[RequestedLine] = field(default_factory=list)
    fields: dict[UUID, str] = field(default_factory=dict)
    """By ticket type or product: the field that it was chosen in."""
    coupon: str | None = None
    """None: none was given."""
    problems: dict[str, str] = field(default_factory=dict)
    """By field: what is wrong with it."""


def read_choice(form: QueryDict, offer: Offered, plan: SeatPlan) -> AskedFor:
    """Return what a form asks for of an offer; what is not in the offer is a problem of the whole form."""
    coupon = "".join(each for each in form.get("coupon", "") if each.isprintable()).strip()
    asked = AskedFor(coupon=coupon[:LONGEST_COUPON] or None)
    types, products = all_types(offer), {one.id for one in offer.products}
    for name in form:
        kind = next((start for start in COUNTED if name.startswith(start)), None)
        if kind is None:
            continue
        count = _count(str(form[name]))
        if count == 0:
            continue
        item_id = _uuid(name.removeprefix(kind))
        if item_id is None or item_id not in (products if kind == "product-" else types):
            asked.problems["form"] = _("Something you chose is no longer on sale.")
        elif count is None:
            asked.problems[name] = _("Enter a whole number.")
        else:
            is_best = kind != "product-" and types[item_id].is_seated
            asked.fields.setdefault(item_id, name)
            asked.lines.append(
                RequestedLine(item_id, is_product=kind == "product-", quantity=count, best_available=is_best)
            )
    _read_seats(form, offer, plan, asked)
    return asked


def chosen_in(form: QueryDict) -> dict[str, str | list[str]]:
    """Return what a form says, to be shown again."""
    names = [name for name in form if name.startswith(COUNTED) or name in ("coupon", "ticket")]
    chosen: dict[str, str | list[str]] = {name: str(form[name]) for name in names}
    chosen["seat"] = [value for value in form.getlist("seat") if value][:MOST_SEATS]
    return chosen


def find_seat(value: str, plan: SeatPlan) -> tuple[PlanSeat | None, UUID | None]:
    """Return the seat and the ticket type of a value: ``<rank or id>``, or that with ``:<type id>``."""
    seat, _, type_id = value.partition(":")
    by_id = _uuid(seat)
    if by_id is not None:
        found = plan.by_id.get(by_id)
    else:
        found = plan.by_rank.get(int(seat)) if seat.isascii() and seat.isdigit() and len(seat) < 8 else None
    return found, _uuid(type_id)


def type_for(
    seat: PlanSeat, type_id: UUID | None, offer: Offered, types: Mapping[UUID, OfferedType]
) -> OfferedType | None:
    """Return the ticket type that a seat is bought with: the one named, or the first that sells it."""
    named = types.get(type_id) if type_id is not None else None
    if named is not None and named.seat_category == seat.category:
        return named
    return next(types_of_category(offer.types, seat.category), None)


def _read_seats(form: QueryDict, offer: Offered, plan: SeatPlan, asked: AskedFor) -> None:
    types = all_types(offer)
    by_type: dict[UUID, list[UUID]] = {}
    seen: set[UUID] = set()
    for value in form.getlist("seat")[:MOST_SEATS]:
        if not value:
            continue
        seat, type_id = find_seat(value, plan)
        sold_with = type_for(seat, type_id, offer, types) if seat else None
        if seat is None or sold_with is None:
            asked.problems["seat"] = _("A seat you chose is not on sale. Choose another one.")
        elif seat.id not in seen:
            seen.add(seat.id)
            by_type.setdefault(sold_with.id, []).append(seat.id)
    for type_id, seat_ids in by_type.items():
        asked.fields.setdefault(type_id, "seat")
        asked.lines.append(
            RequestedLine(type_id, is_product=False, quantity=len(seat_ids), seat_ids=tuple(seat_ids))
        )


def _count(written: str) -> int | None:
    """Return how many are meant; None: it is no number that can be."""
    text = written.strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST))):
        return None
    return int(text) if int(text) <= MOST else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
