"""How the demo's tickets look: a picture for each trade that has tickets, and what its guests should know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext
from kassa.demo import bus_company, concert_hall, school
from kassa.demo.houses import House
from kassa.tickets.domain.designs import NewDesign, set_design

PICTURES = Path(__file__).parent / "pictures"


@dataclass(frozen=True, slots=True)
class Look:
    """One organisation's tickets."""

    picture: str
    notes: dict[str, str]
    terms: dict[str, str]


HALL = Look(
    "concert-hall.svg",
    notes={
        "en": "Doors open one hour before the music. Tram 4 and 7 stop at the gate; bicycles are watched in "
        "the yard. Coats and bags go to the cloakroom, free of charge. Late guests are let in between "
        "two pieces.",
        "fr": "Les portes ouvrent une heure avant la musique. Les trams 4 et 7 s'arrêtent devant l'entrée ; "
        "les vélos sont gardés dans la cour. Manteaux et sacs vont au vestiaire, gratuitement. Les "
        "retardataires entrent entre deux œuvres.",
    },
    terms={
        "en": "Taken back up to two days before the evening. The code lets one person in, once; whoever "
        "comes first with it is let in. No recordings.",
        "fr": "Repris jusqu'à deux jours avant la soirée. Le code fait entrer une personne, une seule fois ; "
        "la première qui le présente entre. Enregistrements interdits.",
    },
)
COACHES = Look(
    "coaches.svg",
    notes={
        "en": "Be at the stop ten minutes before departure. One suitcase and one bag travel with you; "
        "bicycles if booked by telephone. There is a socket at every seat, and tea on board.",
        "fr": "Soyez à l'arrêt dix minutes avant le départ. Une valise et un sac voyagent avec vous ; les "
        "vélos sur réservation par téléphone. Une prise à chaque place, et du thé à bord.",
    },
    terms={
        "en": "Valid for this departure and this seat only. Changed free of charge until two hours before "
        "departure.",
        "fr": "Valable pour ce départ et cette place seulement. Échangeable sans frais jusqu'à deux heures "
        "avant le départ.",
    },
)
SCHOOL = Look(
    "school.svg",
    notes={
        "en": "Bring a laptop with a charger. Coffee, tea and fruit are there all day.",
        "fr": "Apportez un ordinateur portable et son chargeur. Café, thé et fruits toute la journée.",
    },
    terms={
        "en": "Your place may go to a colleague at any time: give them the ticket.",
        "fr": "Votre place peut revenir à un collègue à tout moment : transmettez-lui le billet.",
    },
)


LOOKS = {concert_hall.SLUG: HALL, bus_company.SLUG: COACHES, school.SLUG: SCHOOL}


def dress_tickets(houses: Iterable[House], *, now: datetime) -> None:
    """Give the tickets of each house that sells some their look."""
    for house in houses:
        look = LOOKS.get(house.organization.slug)
        if look is not None:
            picture = (PICTURES / look.picture).read_bytes()
            set_design(
                CommandContext(Actor.operator(house.id), now),
                NewDesign(terms=look.terms, notes=look.notes, picture=picture),
            )
