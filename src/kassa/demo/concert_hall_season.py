"""The concert hall's season: an evening of every kind, from a free rehearsal to one that was called off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.enums import EventStatus
from kassa.core.command_context import CommandContext
from kassa.demo.dates import at
from kassa.demo.houses import House
from kassa.demo.offers import Staged, stage_event, ticket
from kassa.demo.posters import hang
from kassa.seating.domain.drawn import hall_plan
from kassa.seating.domain.layouts import create_seat_layout
from kassa.seating.enums import LayoutKind
from kassa.waiting.domain.rooms import set_up_room

ZONE = "Europe/Berlin"
PLACE: dict[str, Any] = {
    "venue_name": "Lindenhof",
    "address": "Lindenhofstraße 12",
    "city": "Leipzig",
    "state": "Sachsen",
    "zip_code": "04109",
    "country": "DE",
}


def plan_season(house: House, tax: UUID, *, now: datetime) -> dict[str, Staged]:
    """Put the season on sale, by a short name for each evening."""
    return {
        "long_night": _long_night(house, tax, now),
        "rehearsal": _open_rehearsal(house, now),
        "club": _club_night(house, tax, now),
        "symphonies": _symphonies(house, tax, now),
        "vaults": _cello_in_the_vaults(house, tax, now),
        "passion": _passion(house, tax, now),
        "organ": _organ_at_midnight(house, tax, now),
        "opening": _season_opening(house, tax, now),
    }


def _long_night(house: House, tax: UUID, now: datetime) -> Staged:
    """Put on a night for thousands; when its sale began there was a waiting room, which is over."""
    staged = stage_event(
        house,
        ticket("Wristband", "12.00", quantity=3500, max_per_order=20, tax_rule=tax),
        ticket("Reduced wristband", "8.00", quantity=1500, max_per_order=20, tax_rule=tax, is_reduced=True,
               description="For pupils, students, people over 65 and people without work."),
        title="Long Night of Music",
        short_description="Forty stages from the station to the river, one wristband for all of them.",
        description="Choirs in stairwells, brass on rooftops, a string quartet in the tram depot: for one "
        "night the whole city plays. Your wristband opens every door until two, and the trams are free.\n\n"
        "Collect it from six o'clock at the station, the opera or the Lindenhof; a map with all forty stages "
        "comes with it. Children under twelve need none.",
        category="Festival",
        tags=["festival", "city", "all ages"],
        featured_image=hang(house, "long-night", "A full moon over a city, sound going round it"),
        starts_at=at(now, days=5, clock="18:00", zone=ZONE),
        ends_at=at(now, days=6, clock="02:00", zone=ZONE),
        capacity=5000,
        **{**PLACE, "venue_name": "All over the city", "address": "Wristbands at Willy-Brandt-Platz 5"},
    )  # fmt: skip
    over = {"starts_at": house.since, "ends_at": house.since + timedelta(days=2)}
    set_up_room(house.context, staged.id, changes=over)
    return staged


def _open_rehearsal(house: House, now: datetime) -> Staged:
    return stage_event(
        house,
        ticket("Free seat", None, max_per_order=4),
        title="Open Rehearsal: the Symphony Orchestra at Work",
        short_description="Hear how two bars become music when they are played eleven times.",
        description="The doors stand open while the orchestra rehearses. Come and go as you like; children "
        "are welcome as long as they can whisper. Admission is free, but book, please.\n\n"
        "Afterwards the conductor and two of the horns stay for coffee in the foyer, and answer what you "
        "always wanted to ask.",
        category="Classical",
        tags=["free", "family", "orchestra"],
        featured_image=hang(house, "open-rehearsal", "Notes on hills, in front of a rising sun"),
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
        "people with patch cables. Live sets only, earplugs at the bar, coats at the stairs.\n\n"
        "With Mara Lindqvist, Ostwind, the Tape Sisters and, from four o'clock, whoever has brought an "
        "instrument. For adults.",
        category="Club",
        tags=["electronic", "standing", "18+"],
        featured_image=hang(house, "basement-signals", "Waves of an oscilloscope, and cables going into it"),
        starts_at=at(now, days=12, clock="22:00", zone=ZONE),
        ends_at=at(now, days=13, clock="05:00", zone=ZONE),
        capacity=450,
        **{**PLACE, "venue_name": "Lindenhof, Basement"},
    )  # fmt: skip


def _symphonies(house: House, tax: UUID, now: datetime) -> Staged:
    layout = create_seat_layout(house.context, name="Great Hall", kind=LayoutKind.HALL, plan=hall_plan())
    return stage_event(
        house,
        ticket("Stalls, adult", "46.00", seat_category="stalls", max_per_order=10, tax_rule=tax),
        ticket("Stalls, student", "23.00", seat_category="stalls", max_per_order=4, tax_rule=tax,
               is_reduced=True, description="Show your card at the door."),
        ticket("First three rows", "64.00", seat_category="premium", max_per_order=10, tax_rule=tax),
        ticket("Balcony", "28.00", seat_category="balcony", max_per_order=10, tax_rule=tax),
        plan=layout.plan,
        title="Brahms and Dvořák: Two Fourths and an Eighth",
        short_description="Three symphonies in one evening, with a long interval and good soup.",
        description="The Lindenhof Symphony Orchestra plays Brahms' Fourth, Dvořák's Eighth and, because "
        "nobody wanted to go home after the last season, Dvořák's Fourth as well. There is soup.\n\n"
        "Conducted by Hanna Weiss. Introduction in the small hall at a quarter to seven, free with your "
        "ticket. The first interval is twenty minutes long, the second forty.",
        category="Classical",
        tags=["orchestra", "symphony"],
        featured_image=hang(house, "symphonies", "The numbers four, eight and four, one above the other"),
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
        description="One cello, one candle for every chair, and a glass of Silvaner with each suite. Judith "
        "Amsel plays the first, the third and the fifth; Bernhard Reuter, who made the wine, says a few "
        "words in between. The vaults are cool: bring a scarf.",
        category="Chamber music",
        tags=["chamber music", "wine"],
        featured_image=hang(house, "cello-in-the-vaults", "A cello in the glow of candles under old arches"),
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
        "doors close with the first chord and stay closed until the last.\n\n"
        "Sung in German, with the English text in your hands. About two hours, without an interval.",
        category="Choir",
        tags=["choir", "Bach", "church"],
        featured_image=hang(house, "passion-by-candlelight", "Many candles before a church window at night"),
        starts_at=at(now, days=75, clock="20:00", zone=ZONE),
        ends_at=at(now, days=75, clock="22:15", zone=ZONE),
        sales_start_at=at(now, days=9, clock="10:00", zone=ZONE),
        **{**PLACE, "venue_name": "St Nicholas", "address": "Nikolaikirchhof 3"},
    )


def _organ_at_midnight(house: House, tax: UUID, now: datetime) -> Staged:
    """Announce an evening that had to be called off before anybody bought a ticket."""
    staged = stage_event(
        house,
        ticket("Seat", "22.00", quantity=260, max_per_order=8, tax_rule=tax),
        title="Organ at Midnight",
        short_description="Messiaen and Reger on four thousand pipes, with the lights off.",
        description="The bellows of the great organ need new leather, and it will not be sewn in time. We "
        "are sorry. Clara Thiele plays the same programme in spring, once the wind is back.",
        category="Classical",
        tags=["organ"],
        featured_image=hang(house, "organ-at-midnight", "Organ pipes, rising to the moon"),
        starts_at=at(now, days=16, clock="23:30", zone=ZONE),
        ends_at=at(now, days=17, clock="01:00", zone=ZONE),
        **{**PLACE, "venue_name": "Lindenhof, Great Hall"},
    )
    context = CommandContext(house.manager, now - timedelta(days=3))
    move_event(context, staged.id, to=EventStatus.CANCELLED)
    return staged


def _season_opening(house: House, tax: UUID, now: datetime) -> Staged:
    return stage_event(
        house,
        ticket("Day ticket", "6.00", max_per_order=10, tax_rule=tax),
        ticket("Family, two adults and their children", "14.00", max_per_order=2, tax_rule=tax),
        title="Season Opening: the House Stands Open",
        short_description="Try a trombone, climb up to the lights, sing with four hundred others.",
        description="A whole day in every corner of the house, from the boiler room to the organ loft, with "
        "short concerts at every full hour and a choir at noon for all who can hum.\n\n"
        "There is cake from eleven, and a quiet room for those who need one. The lift goes everywhere but to "
        "the lights.",
        category="Festival",
        tags=["family", "open house"],
        featured_image=hang(house, "season-opening", "Coloured quarter circles, like a stage from above"),
        starts_at=at(now, days=330, clock="10:00", zone=ZONE),
        ends_at=at(now, days=330, clock="18:00", zone=ZONE),
        capacity=1200,
        **PLACE,
    )
