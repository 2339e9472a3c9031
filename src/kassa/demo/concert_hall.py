"""A concert hall in Leipzig: a hall with numbered seats, a club in the basement, and a counter with goods."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from kassa.demo.concert_hall_sales import hall_coupons, hall_purchases
from kassa.demo.dates import at
from kassa.demo.houses import House, found_house
from kassa.demo.offers import (
    Staged,
    goods,
    hand_out_coupons,
    levy_tax,
    stage_event,
    stock_products,
    ticket,
)
from kassa.demo.purchases import play_purchases
from kassa.demo.questions import ACCESS, STUDENT_CARD, ask
from kassa.identity.enums import Role
from kassa.organizations.enums import Plan
from kassa.seating.domain.drawn import hall_plan
from kassa.seating.domain.layouts import create_seat_layout
from kassa.seating.enums import LayoutKind

SLUG = "lindenhof-concert-hall"
ZONE = "Europe/Berlin"
PROFILE = {
    "name": "Lindenhof Concert Hall",
    "slug": SLUG,
    "email": "tickets@lindenhof.example",
    "phone": "+49 341 555 0140",
    "website": "https://lindenhof.example",
    "plan": Plan.PRO,
    "address": {
        "line1": "Lindenhofstraße 12",
        "city": "Leipzig",
        "state": "Sachsen",
        "postal_code": "04109",
        "country": "DE",
    },
}
SETTINGS = {
    "default_currency": "EUR",
    "primary_color": "#7A1F3D",
    "secondary_color": "#F2E8DC",
    "service_fee_percentage": Decimal("2.5"),
    "service_fee_fixed": Decimal("0.50"),
    "shipping_fee": Decimal("4.90"),
    "hold_minutes": 20,
    "refund_policy": "Tickets are taken back up to two days before the evening. Goods within 14 days.",
}
STAFF = {
    Role.OWNER: "Katharina Vogt",
    Role.ADMIN: "Emil Rademacher",
    Role.MANAGER: "Nadia Petrova",
    Role.SUPPORT: "Lukas Brandt",
    Role.ANALYST: "Ines Carvalho",
}
PLACE: dict[str, Any] = {
    "venue_name": "Lindenhof",
    "address": "Lindenhofstraße 12",
    "city": "Leipzig",
    "state": "Sachsen",
    "zip_code": "04109",
    "country": "DE",
}


def load_concert_hall(*, now: datetime) -> House:
    """Found the concert hall, put its season on sale and sell the first of it."""
    house = found_house(PROFILE, settings=SETTINGS, staff=STAFF, zone=ZONE, now=now)
    tax = levy_tax(house, "VAT (culture)", "7")
    on_goods = levy_tax(house, "VAT", "19")
    events = {
        "long_night": _long_night(house, tax, now),
        "rehearsal": _open_rehearsal(house, now),
        "club": _club_night(house, tax, now),
        "symphonies": _symphonies(house, tax, now),
        "vaults": _cello_in_the_vaults(house, tax, now),
        "passion": _passion(house, tax, now),
        "opening": _season_opening(house, tax, now),
    }
    products = stock_products(
        house,
        [
            goods("LH-POSTER", "Season poster, A2", "14.00", stock=200, tax_rule=on_goods,
                  description="Screen print in two colours on heavy paper, rolled in a tube."),
            goods("LH-SHIRT-M", "Lindenhof T-shirt, M", "24.00", stock=60, tax_rule=on_goods,
                  description="Organic cotton, wine red, with the linden leaf on the back."),
            goods("LH-SHIRT-L", "Lindenhof T-shirt, L", "24.00", stock=45, tax_rule=on_goods,
                  description="Organic cotton, wine red, with the linden leaf on the back."),
            goods("LH-RECORD", "Live at Lindenhof, double LP", "32.00", stock=80, max_per_order=2,
                  tax_rule=on_goods, description="Eight evenings of the last season on 180 gram vinyl."),
            goods("LH-PROGRAMME", "Programme book: Brahms and Dvořák", "6.00", stock=400, tax_rule=tax,
                  is_shippable=False, event=events["symphonies"].id,
                  description="Handed out at the cloakroom. 48 pages about both symphonies."),
            goods("LH-DRINK", "Interval drink, ordered ahead", "7.50", stock=150, tax_rule=on_goods,
                  is_shippable=False, event=events["symphonies"].id,
                  description="Stands on your table when the interval begins."),
        ],
    )  # fmt: skip
    hand_out_coupons(house, hall_coupons(events, now=now))
    ask(house, events["long_night"], ACCESS)
    play_purchases(house, hall_purchases(events, products), now=now)
    # Who bought before it was asked is let in as before: the card is looked at by the door.
    ask(house, events["symphonies"], STUDENT_CARD, events["symphonies"].ticket_types["Stalls, student"])
    return house


def _long_night(house: House, tax: UUID, now: datetime) -> Staged:
    return stage_event(
        house,
        ticket("Wristband", "12.00", quantity=3500, max_per_order=20, tax_rule=tax),
        ticket("Reduced wristband", "8.00", quantity=1500, max_per_order=20, tax_rule=tax,
               description="For pupils, students, people over 65 and people without work."),
        title="Long Night of Music",
        short_description="Forty stages from the station to the river, one wristband for all of them.",
        description="Choirs in stairwells, brass on rooftops, a string quartet in the tram depot: for one "
        "night the whole city plays. Your wristband opens every door until two, and the trams are free.",
        category="Festival",
        tags=["festival", "city", "all ages"],
        starts_at=at(now, days=5, clock="18:00", zone=ZONE),
        ends_at=at(now, days=6, clock="02:00", zone=ZONE),
        capacity=5000,
        **{**PLACE, "venue_name": "All over the city"},
    )  # fmt: skip


def _open_rehearsal(house: House, now: datetime) -> Staged:
    return stage_event(
        house,
        ticket("Free seat", None, max_per_order=4),
        title="Open Rehearsal: the Symphony Orchestra at Work",
        short_description="Hear how two bars become music when they are played eleven times.",
        description="The doors stand open while the orchestra rehearses. Come and go as you like; children "
        "are welcome as long as they can whisper. Admission is free, but book, please.",
        category="Classical",
        tags=["free", "family", "orchestra"],
        starts_at=at(now, days=8, clock="10:30", zone=ZONE),
        ends_at=at(now, days=8, clock="12:30", zone=ZONE),
        capacity=200,
        **PLACE,
    )


def _club_night(house: House, tax: UUID, now: datetime) -> Staged:
    """Put on a night whose ticket types add up to more than the room holds."""
    return stage_event(
        house,
        ticket("Regular", "18.00", quantity=400, max_per_order=8, tax_rule=tax),
        ticket("Early bird", "12.00", quantity=100, max_per_order=4, tax_rule=tax,
               sales_end_at=now + timedelta(days=2), description="For those who know already."),
        ticket("Backstage visit", "35.00", quantity=12, max_per_order=2, tax_rule=tax, requires_approval=True,
               description="Twenty minutes with the crew before the doors open. We confirm each visit."),
        ticket("Guest list", None, quantity=40, max_per_order=2, is_hidden=True),
        title="Basement Signals: Modular Synths until Dawn",
        short_description="Four live sets, one low ceiling, no seats.",
        description="Under the great hall lies the old coal cellar, and four times a year it belongs to "
        "people with patch cables. Live sets only, earplugs at the bar, coats at the stairs.",
        category="Club",
        tags=["electronic", "standing", "18+"],
        starts_at=at(now, days=12, clock="22:00", zone=ZONE),
        ends_at=at(now, days=13, clock="05:00", zone=ZONE),
        capacity=450,
        **{**PLACE, "venue_name": "Lindenhof, Basement"},
    )  # fmt: skip


def _symphonies(house: House, tax: UUID, now: datetime) -> Staged:
    layout = create_seat_layout(
        house.id, name="Great Hall", kind=LayoutKind.HALL, plan=hall_plan(), now=house.since
    )
    return stage_event(
        house,
        ticket("Stalls, adult", "46.00", seat_category="stalls", max_per_order=10, tax_rule=tax),
        ticket("Stalls, student", "23.00", seat_category="stalls", max_per_order=4, tax_rule=tax,
               description="Show your card at the door."),
        ticket("First three rows", "64.00", seat_category="premium", max_per_order=10, tax_rule=tax),
        ticket("Balcony", "28.00", seat_category="balcony", max_per_order=10, tax_rule=tax),
        plan=layout.plan,
        title="Brahms and Dvořák: Two Fourths and an Eighth",
        short_description="Three symphonies in one evening, with a long interval and good soup.",
        description="The Lindenhof Symphony Orchestra plays Brahms' Fourth, Dvořák's Eighth and, because "
        "nobody wanted to go home after the last season, Dvořák's Fourth as well. There is soup.",
        category="Classical",
        tags=["orchestra", "symphony"],
        starts_at=at(now, days=20, clock="19:30", zone=ZONE),
        ends_at=at(now, days=20, clock="22:45", zone=ZONE),
        **{**PLACE, "venue_name": "Lindenhof, Great Hall"},
    )  # fmt: skip


def _cello_in_the_vaults(house: House, tax: UUID, now: datetime) -> Staged:
    """Put on an evening so small that it is sold out."""
    return stage_event(
        house,
        ticket("Seat with a glass of wine", "39.00", max_per_order=6, tax_rule=tax),
        title="Wine and Cello in the Vaults",
        short_description="Three Bach suites, twenty-four chairs, one winegrower from the Unstrut.",
        description="One cello, one candle for every chair, and a glass of Silvaner with each suite.",
        category="Chamber music",
        tags=["chamber music", "wine"],
        starts_at=at(now, days=9, clock="20:00", zone=ZONE),
        ends_at=at(now, days=9, clock="22:00", zone=ZONE),
        capacity=24,
        **{**PLACE, "venue_name": "Lindenhof, Vaults"},
    )


def _passion(house: House, tax: UUID, now: datetime) -> Staged:
    """Announce an evening whose sale has not begun."""
    return stage_event(
        house,
        ticket("Nave", "38.00", quantity=320, max_per_order=8, tax_rule=tax),
        ticket("Side aisle, limited view", "19.00", quantity=120, max_per_order=8, tax_rule=tax),
        title="The St John Passion by Candlelight",
        short_description="Bach's shorter Passion with the chamber choir, lit by nothing but candles.",
        description="The hall moves to St Nicholas for one evening. Bring a warm coat and come early: the "
        "doors close with the first chord and stay closed until the last.",
        category="Choir",
        tags=["choir", "Bach", "church"],
        starts_at=at(now, days=75, clock="20:00", zone=ZONE),
        ends_at=at(now, days=75, clock="22:15", zone=ZONE),
        sales_start_at=at(now, days=9, clock="10:00", zone=ZONE),
        **{**PLACE, "venue_name": "St Nicholas", "address": "Nikolaikirchhof 3"},
    )


def _season_opening(house: House, tax: UUID, now: datetime) -> Staged:
    return stage_event(
        house,
        ticket("Day ticket", "6.00", max_per_order=10, tax_rule=tax),
        ticket("Family, two adults and their children", "14.00", max_per_order=2, tax_rule=tax),
        title="Season Opening: the House Stands Open",
        short_description="Try a trombone, climb up to the lights, sing with four hundred others.",
        description="A whole day in every corner of the house, from the boiler room to the organ loft, with "
        "short concerts at every full hour and a choir at noon for all who can hum.",
        category="Festival",
        tags=["family", "open house"],
        starts_at=at(now, days=330, clock="10:00", zone=ZONE),
        ends_at=at(now, days=330, clock="18:00", zone=ZONE),
        capacity=1200,
        **PLACE,
    )
