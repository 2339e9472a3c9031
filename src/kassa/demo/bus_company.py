"""A bus company in Bristol: three routes, twice a day, in coaches of 48 seats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.catalog.enums import EventKind
from kassa.demo.dates import at
from kassa.demo.houses import House, found_house
from kassa.demo.offers import (
    Staged,
    amount,
    goods,
    hand_out_coupons,
    levy_tax,
    percentage,
    stage_event,
    stock_products,
    ticket,
)
from kassa.demo.people import guests
from kassa.demo.posters import hang, put_up_sign
from kassa.demo.purchases import CALLED_OFF, PAID, SENT, Purchase, hours, pieces, play_purchases, tickets
from kassa.identity.enums import Role
from kassa.organizations.enums import Plan
from kassa.seating.domain.drawn import coach_plan
from kassa.seating.domain.layouts import create_seat_layout
from kassa.seating.enums import LayoutKind

SLUG = "heronway-coaches"
ZONE = "Europe/London"
PROFILE = {
    "name": "Heronway Coaches",
    "slug": SLUG,
    "email": "hello@heronway.example",
    "phone": "+44 117 496 0512",
    "website": "https://heronway.example",
    "plan": Plan.ENTERPRISE,
    "address": {"line1": "Unit 4, Avon Street", "city": "Bristol", "postal_code": "BS2 0PS", "country": "GB"},
}
SETTINGS = {
    "default_currency": "GBP",
    "primary_color": "#0B5351",
    "secondary_color": "#E8F1F2",
    "service_fee_fixed": Decimal("1.00"),
    "shipping_fee": Decimal("3.20"),
    "hold_minutes": 15,
    "refund_policy": "Change or cancel free of charge until six hours before departure.",
    "buyer_refunds_enabled": True,
    "buyer_refund_until_hours": 6,
    "legal_name": "Heronway Coaches Ltd",
    "tax_number": "2234567890",
    "vat_id": "GB123456789",
    "register_entry": "Registered in England and Wales, No. 04712345",
    "invoice_prefix": "HW",
}
STAFF = {
    Role.OWNER: "Gareth Llewellyn",
    Role.ADMIN: "Priya Raman",
    Role.MANAGER: "Joanna Clegg",
    Role.SUPPORT: "Daniel Osei",
    Role.ANALYST: "Magda Zielinska",
}
DAYS = 10
"""For how many days ahead there are trips."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a coach goes, when it leaves each day, how long it takes, and what it costs."""

    origin: str
    destination: str
    stop: str
    postcode: str
    departures: tuple[str, ...]
    takes: timedelta
    adult: str
    child: str
    vehicle: str
    about: str
    picture: str
    shows: str


ROUTES = (
    Route(
        "Bristol", "London", "Bristol Bus Station, Marlborough Street", "BS1 3NU", ("07:15", "15:45"),
        timedelta(hours=2, minutes=40), "14.00", "7.00", "Heron 3 (Setra S 515 HD)",
        "Along the M4 with one stop in Reading. Arrives at Victoria Coach Station, five minutes from the "
        "Underground.",
        "bristol-london", "A green coach before the towers of London at sunset",
    ),
    Route(
        "Birmingham", "Manchester", "Digbeth Coach Station", "B5 6DD", ("08:30", "17:10"),
        timedelta(hours=2, minutes=15), "11.50", "6.00", "Kingfisher 1 (Volvo 9700)",
        "Straight up the M6. Arrives at Chorlton Street, five minutes from Piccadilly.",
        "birmingham-manchester", "A green coach in front of mills and a viaduct, in light rain",
    ),
    Route(
        "Leeds", "Edinburgh", "Leeds Coach Station, Dyer Street", "LS2 7LA", ("06:50", "13:20"),
        timedelta(hours=5, minutes=5), "24.00", "12.00", "Bittern 2 (Van Hool EX16)",
        "Up the Great North Road and past the sea at Berwick, with half an hour for tea in Newcastle. "
        "Arrives at St Andrew Square.",
        "leeds-edinburgh", "A green coach by the sea, a castle on its rock behind it",
    ),
)  # fmt: skip


def load_bus_company(*, now: datetime) -> House:
    """Found the bus company, put the coming days' trips on sale and fill some seats."""
    house = found_house(PROFILE, settings=SETTINGS, staff=STAFF, zone=ZONE, now=now)
    tax = levy_tax(house, "VAT/TVA transport", "0")
    on_goods = levy_tax(house, "VAT/TVA", "20")
    plan = create_seat_layout(
        house.context, name="Coach, 48 seats", kind=LayoutKind.COACH, plan=coach_plan(12)
    ).plan
    put_up_sign(house, "heronway")
    trips = [
        [
            _trip(house, route, looks, tax, at(now, days=day, clock=clock, zone=ZONE))
            for day in range(1, DAYS + 1)
            for clock in route.departures
        ]
        for route in ROUTES
        for looks in [{"plan": plan, "featured_image": hang(house, route.picture, route.shows)}]
    ]
    products = stock_products(
        house,
        [
            goods("HW-PILLOW", "Inflatable travel pillow", "9.95", stock=120, tax_rule=on_goods,
                  image=hang(house, "pillow", "A grey travel pillow"),
                  description="Folds to the size of an apple. In heron grey, with a cover that can be "
                  "washed."),
            goods("HW-BLANKET", "Woollen travel blanket", "34.00", stock=40, tax_rule=on_goods,
                  image=hang(house, "blanket", "A green blanket with yellow stripes"),
                  description="Woven in Halifax from the wool of Swaledale sheep. One metre thirty by two "
                  "metres: enough for two."),
        ],
    )  # fmt: skip
    hand_out_coupons(house, _coupons(trips, now))
    play_purchases(house, _purchases(trips, products), now=now)
    return house


def _trip(house: House, route: Route, looks: dict[str, Any], tax: UUID, departure: datetime) -> Staged:
    return stage_event(
        house,
        ticket("Adult", route.adult, seat_category="standard", max_per_order=10, tax_rule=tax),
        ticket("Child up to 15", route.child, seat_category="standard", max_per_order=10, tax_rule=tax,
               is_reduced=True),
        ticket("Bicycle space", "5.00", quantity=4, max_per_order=4, tax_rule=tax, is_addon=True,
               description="In the rack at the back. Please be there fifteen minutes early."),
        kind=EventKind.TRIP,
        title=f"{route.origin} to {route.destination}",
        short_description=f"Coach from {route.origin} to {route.destination}, seat included.",
        description=f"{route.about}\n\nWi-Fi, sockets at every seat, and a toilet on board. One suitcase "
        "and one bag travel with you; the driver helps with prams and wheelchairs.",
        category="Coach",
        origin=route.origin,
        destination=route.destination,
        vehicle=route.vehicle,
        starts_at=departure,
        ends_at=departure + route.takes,
        venue_name=route.stop,
        city=route.origin,
        zip_code=route.postcode,
        country="GB",
        **looks,
    )  # fmt: skip


def _coupons(trips: Sequence[Sequence[Staged]], now: datetime) -> list[dict[str, Any]]:
    days = timedelta(days=1)
    return [
        percentage("HERON10", "10", "For every trip and everything else.", max_usage_per_user=10),
        amount("TWOPOUNDS", "2.00", "Two pounds off your first booking."),
        percentage("NORTH25", "25", "For the first trips from Leeds to Edinburgh.",
                   events=[trip.id for trip in trips[2][:6]], max_usage_total=200),
        percentage("TOMORROW50", "50", "For one early coach to London.", events=[trips[0][0].id]),
        amount("GROUP15", "15.00", "For bookings of at least 90 pounds.", min_purchase_amount=Decimal(90)),
        percentage("BANKHOLIDAY", "20", "It was good for a long weekend.", ends_at=now - 5 * days),
        percentage("HALFTERM", "20", "Good for the half-term holidays.", starts_at=now + 30 * days),
        percentage("DRIVERS", "50", "For the drivers' families; switched off.", is_active=False),
    ]  # fmt: skip


def _purchases(trips: Sequence[Sequence[Staged]], products: dict[str, UUID]) -> list[Purchase]:
    people = guests()
    seats = [
        Purchase(
            next(people),
            (tickets(trip.ticket_types["Adult"], 1 + (nth + route) % 3, seated=True),),
            hours(200 - 9 * nth - route),
            PAID,
        )
        for route, of_route in enumerate(trips)
        for nth, trip in enumerate(of_route[:3])
    ]
    adult, child, bicycle = (
        trips[2][1].ticket_types[name] for name in ("Adult", "Child up to 15", "Bicycle space")
    )
    family = (tickets(adult, 2, seated=True), tickets(child, 2, seated=True), tickets(bicycle, 2))
    early = trips[0][0].ticket_types["Adult"]
    return [
        *seats,
        Purchase(next(people), family, hours(33), PAID, coupon="NORTH25", notes="One bicycle is small."),
        Purchase(next(people), (tickets(early, 2, seated=True),), hours(20), PAID, coupon="TOMORROW50"),
        Purchase(next(people), (tickets(early, 8, seated=True),), hours(18), PAID, coupon="GROUP15"),
        Purchase(next(people), (tickets(adult, seated=True),), hours(12), CALLED_OFF),
        Purchase(next(people), (tickets(early, 3, seated=True),), hours(0.1)),
        Purchase(next(people), (tickets(adult, seated=True), tickets(bicycle)), hours(28)),
        Purchase(next(people), (pieces(products["HW-BLANKET"]),), hours(50), SENT, is_sent=True),
    ]  # fmt: skip
