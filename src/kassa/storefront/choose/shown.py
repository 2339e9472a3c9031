"""The form of a choice as its template shows it: rows with what was chosen and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kassa.storefront.choose.form import find_seat, type_for
from kassa.storefront.choose.names import seat_pattern, seat_text
from kassa.storefront.choose.offers import Offered, all_types, plan_of
from kassa.storefront.choose.seat_plan import PlanSeat, SeatPlan
from kassa.storefront.shop.offer import OfferedProduct, OfferedType
from kassa.storefront.shop.price_notes import extra_texts

FEW = 10
"""So many or fewer are told as such."""

Chosen = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket type or product in the price list."""

    offered: OfferedType | OfferedProduct
    field: str
    value: str
    least: int
    """In one order, if any."""
    most: int | None
    """Of one order and of what is left. None: no limit."""
    problem: str

    @property
    def is_open(self) -> bool:
        """Say whether it can be chosen now."""
        return self.offered.state == "on_sale"

    @property
    def is_product(self) -> bool:
        """Say whether it is a product, which is out of stock where tickets are sold out."""
        return isinstance(self.offered, OfferedProduct)

    @property
    def is_few(self) -> bool:
        """Say whether so few are left that a buyer should know."""
        return self.is_open and self.offered.left is not None and self.offered.left <= FEW


@dataclass(frozen=True, slots=True)
class Option:
    """A ticket type that a seat may be bought with."""

    value: str
    name: str
    price_text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ChosenSeat:
    """A single seat that was chosen."""

    name: str
    value: str
    options: Sequence[Option]
    """Several: the buyer says which."""


@dataclass(frozen=True, slots=True)
class Category:
    """Seats of one price category, and what they may be bought with."""

    name: str
    types: Sequence[OfferedType]


@dataclass(frozen=True, slots=True)
class ChoiceForm:
    """All that the form shows."""

    seated: Sequence[Row]
    """Ticket types of numbered seats, of which Kassa chooses the best."""
    places: Sequence[Row]
    """Ticket types without numbered seats."""
    extras: Sequence[Row]
    """What goes with a ticket: add-ons, then products."""
    seats: Sequence[ChosenSeat]
    categories: Sequence[Category]
    """Whose seats can be chosen one by one now."""
    plan: SeatPlan
    seat_pattern: str
    coupon: str
    ticket: str
    """The hidden ticket type that a link has unlocked; empty: none."""
    is_open: bool
    """Whether anything can be chosen now."""
    preselected: Mapping[str, str]
    """By field: how many are chosen before the buyer has done anything; empty: nothing."""
    added: Sequence[str]
    """What comes on top of the prices, once per order."""


def choice_form(
    offer: Offered, types: Sequence[OfferedType], chosen: Chosen, problems: Mapping[str, str]
) -> ChoiceForm:
    """Return the form for an offer's ``types``; with seats, a plan that is kept is looked at."""
    plan = plan_of(offer)
    preselected = {} if chosen else _preselected(types, offer)
    chosen = chosen or preselected
    rows = [_type_row(one, chosen, problems) for one in types]
    goods = [_product_row(one, chosen, problems) for one in offer.products]
    unlocked = next((one.id for one in types if one.is_hidden), "")
    return ChoiceForm(
        seated=[row for row, one in zip(rows, types, strict=True) if one.is_seated],
        places=[row for row, one in zip(rows, types, strict=True) if not one.is_seated and not one.is_addon],
        extras=[*(row for row, one in zip(rows, types, strict=True) if _is_extra(one)), *goods],
        seats=list(_seats(offer, plan, chosen)),
        categories=_categories(types, plan),
        plan=plan,
        seat_pattern=seat_pattern(),
        coupon=str(chosen.get("coupon", "")),
        ticket=str(unlocked),
        is_open=any(row.is_open for row in (*rows, *goods)),
        preselected=preselected,
        added=extra_texts(
            offer.settings, offer.currency, is_shippable=any(one.is_shippable for one in offer.products)
        ),
    )


def seat_options(seat: PlanSeat, types: Sequence[OfferedType], type_id: UUID | None = None) -> list[Option]:
    """Return what a seat may be bought with now."""
    return [
        Option(f"{seat.rank}:{one.id}", one.name, one.price_text, one.id == type_id)
        for one in types
        if one.seat_category == seat.category and one.state == "on_sale"
    ]


def _is_extra(one: OfferedType) -> bool:
    return one.is_addon and not one.is_seated


def _preselected(types: Sequence[OfferedType], offer: Offered) -> dict[str, str]:
    """Return one of the only thing that is sold, or nothing: a buyer who sees one ticket wants one."""
    tickets = [one for one in types if not one.is_addon]
    only: Sequence[OfferedType | OfferedProduct] = tickets or offer.products
    if len(only) != 1 or only[0].state != "on_sale" or (tickets and tickets[0].is_seated):
        return {}
    [one] = only
    least = one.min_per_order if isinstance(one, OfferedType) else 1
    return {f"{'type' if tickets else 'product'}-{one.id}": str(least)}


def _type_row(one: OfferedType, chosen: Chosen, problems: Mapping[str, str]) -> Row:
    field = f"{'best' if one.is_seated else 'type'}-{one.id}"
    return _row(one, field, one.min_per_order, chosen, problems)


def _product_row(one: OfferedProduct, chosen: Chosen, problems: Mapping[str, str]) -> Row:
    return _row(one, f"product-{one.id}", 1, chosen, problems)


def _row(
    one: OfferedType | OfferedProduct, field: str, least: int, chosen: Chosen, problems: Mapping[str, str]
) -> Row:
    limits = [limit for limit in (one.max_per_order, one.left) if limit is not None]
    return Row(
        offered=one,
        field=field,
        value=str(chosen.get(field, "") or "0"),
        least=least,
        most=min(limits, default=None),
        problem=problems.get(field, ""),
    )


def _seats(offer: Offered, plan: SeatPlan, chosen: Chosen) -> Sequence[ChosenSeat]:
    types = all_types(offer)
    found = []
    for value in chosen.get("seat", ()):
        seat, type_id = find_seat(value, plan)
        sold_with = type_for(seat, type_id, offer, types) if seat else None
        if seat is not None and sold_with is not None:
            options = seat_options(seat, list(types.values()), sold_with.id)
            found.append(ChosenSeat(seat_text(seat), f"{seat.rank}:{sold_with.id}", options))
    return found


def _categories(types: Sequence[OfferedType], plan: SeatPlan) -> list[Category]:
    names = dict.fromkeys(seat.category for seat in plan.seats)
    sold = {
        name: [one for one in types if one.seat_category == name and one.state == "on_sale"] for name in names
    }
    return [Category(name, sold[name]) for name in names if sold[name]]
