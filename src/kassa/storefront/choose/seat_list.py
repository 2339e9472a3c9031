"""Choosing single seats without a plan: the free seats of one section at a time, as a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import get_language

from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.sales.availability import availability_of
from kassa.storefront.choose.form import COUNTED, MOST_SEATS, chosen_in, find_seat, type_for
from kassa.storefront.choose.names import seat_text
from kassa.storefront.choose.offers import Offered, all_types, plan_of
from kassa.storefront.choose.seat_plan import PlanSeat, SeatPlan
from kassa.storefront.choose.shown import ChosenSeat, Option, seat_options
from kassa.storefront.shop.offer import OfferedType, event_offer
from kassa.storefront.shop_pages import shop_page, show_page
from kassa.storefront.shops import Shop
from kassa.storefront.waiting.gate import send_to_wait

FREE = "a"


@dataclass(frozen=True, slots=True)
class ListedSeat:
    """A seat in the list, or a gap in the table of a coach."""

    number: str
    name: str
    options: Sequence[Option]
    """None: it is taken, or not on sale."""
    is_chosen: bool = False
    is_aisle: bool = False


@dataclass(frozen=True, slots=True)
class ListedRow:
    name: str
    seats: Sequence[ListedSeat]


@dataclass(frozen=True, slots=True)
class ListedSection:
    """A section that one can go to."""

    name: str
    free: int
    is_shown: bool


@shop_page()
def show_seats(request: HttpRequest, *, shop: Shop, event_id: UUID) -> HttpResponse:
    """Show the free seats of one section of an event, with what was chosen elsewhere."""
    now = utc_now()
    wait = send_to_wait(request, shop.organization_id, [event_id], now=now)
    if wait is not None:
        return wait
    offer = event_offer(shop, event_id, language=get_language() or "en", now=now)
    plan = plan_of(offer)
    if not plan.seats:
        raise NotFound("There is nothing at this address.")
    found = availability_of(shop.organization_id, event_id, seats=True, now=now)
    free = {seat.id for seat, letter in zip(plan.seats, found.seats, strict=False) if letter == FREE}
    counts = dict.fromkeys(plan.sections, 0)
    for seat in plan.seats:
        counts[seat.section] += seat.id in free
    section = request.GET.get("section", "")
    if section not in counts:
        section = next((name for name in counts if counts[name]), plan.sections[0])
    types = _asked_types(offer, request.GET)
    chosen = chosen_seats(request.GET, offer, plan)
    context = {
        "offer": offer,
        "facts": offer.facts,
        "section": section,
        "sections": [ListedSection(name, counts[name], name == section) for name in counts],
        "rows": _rows(plan, section, free, types, chosen),
        "types": [one for one in types if one.is_seated and one.state == "on_sale"],
        "elsewhere": [
            _elsewhere(seat, type_id, types) for seat, type_id in chosen if seat.section != section
        ],
        "counted": _counted(request.GET),
        "is_coach": plan.is_coach,
    }
    return show_page(request, "choose/seats.html", context, shop=shop)


def chosen_seats(query: QueryDict, offer: Offered, plan: SeatPlan) -> list[tuple[PlanSeat, UUID]]:
    """Return the seats that were chosen so far, each with what it is bought with."""
    types = all_types(offer)
    found: dict[UUID, tuple[PlanSeat, UUID]] = {}
    for value in query.getlist("seat")[:MOST_SEATS]:
        seat, type_id = find_seat(value, plan)
        sold_with = type_for(seat, type_id, offer, types) if seat else None
        if seat is not None and sold_with is not None:
            found[seat.id] = (seat, sold_with.id)
    return list(found.values())


def _asked_types(offer: Offered, query: QueryDict) -> list[OfferedType]:
    """Return the ticket types of the page that one comes from."""
    unlocked = [one for one in offer.hidden if str(one.id) == query.get("ticket", "").lower()]
    return [*offer.types, *unlocked]


def _counted(query: QueryDict) -> Mapping[str, str]:
    """Return what the form before said beside seats."""
    chosen = chosen_in(query)
    return {
        name: str(value)
        for name, value in chosen.items()
        if (name.startswith(COUNTED) and value not in ("", "0")) or (name in ("coupon", "ticket") and value)
    }


def _elsewhere(seat: PlanSeat, type_id: UUID, types: Sequence[OfferedType]) -> ChosenSeat:
    return ChosenSeat(seat_text(seat), f"{seat.rank}:{type_id}", seat_options(seat, types, type_id))


def _rows(
    plan: SeatPlan,
    section: str,
    free: set[UUID],
    types: Sequence[OfferedType],
    chosen: Sequence[tuple[PlanSeat, UUID]],
) -> list[ListedRow]:
    """Return a section's rows; in a hall only with seats that are free, in a coach with all and the aisle."""
    with_type = {seat.id: type_id for seat, type_id in chosen}
    members = [seat for seat in plan.seats if seat.section == section]
    members.sort(key=lambda seat: (seat.block, seat.place))
    rows = []
    for name, group in groupby(members, key=lambda seat: seat.row):
        seats: list[ListedSeat] = []
        block = None
        for seat in group:
            if plan.is_coach and block is not None and seat.block != block:
                seats.append(ListedSeat("", "", (), is_aisle=True))
            block = seat.block
            options = seat_options(seat, types, with_type.get(seat.id)) if seat.id in free else []
            if options or plan.is_coach:
                is_chosen = seat.id in with_type
                seats.append(ListedSeat(seat.number, seat_text(seat), options, is_chosen=is_chosen))
        if seats:
            rows.append(ListedRow(name, seats))
    return rows
