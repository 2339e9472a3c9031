"""What is written on tickets beside what organisers wrote, in each language that buyers read."""

from __future__ import annotations

from collections.abc import Mapping

from kassa.core.languages import Language

_ENGLISH = {
    "ticket": "Ticket",
    "ticket_course": "Course ticket",
    "ticket_trip": "Travel ticket",
    "tickets": "Tickets",
    "count": "Ticket {number} of {total}",
    "name": "Name",
    "name_course": "Participant",
    "name_trip": "Passenger",
    "ticket_type": "Ticket type",
    "section": "Section",
    "row": "Row",
    "seat": "Seat",
    "entrance": "Entrance",
    "vehicle": "Vehicle",
    "departure_point": "Departure point",
    "starts": "Starts",
    "departs": "Departs",
    "arrives": "Arrives",
    "order": "Order",
    "price": "Price",
    "free": "Free",
    "bought_by": "Bought by",
    "online": "Online",
    "link": "Link",
    "venue": "Venue",
    "date": "Date",
    "code": "Code",
    "unscheduled": "The dates will be announced.",
    "until": "until {moment}",
    "about": "About this event",
    "about_course": "About this course",
    "about_trip": "About this trip",
    "notes": "Good to know",
    "terms": "Terms",
    "qr": "QR code",
    "cancelled": "CANCELLED",
    "sample": "SAMPLE",
}
_FRENCH = {
    "ticket": "Billet",
    "ticket_course": "Billet de cours",
    "ticket_trip": "Titre de transport",
    "tickets": "Billets",
    "count": "Billet {number} sur {total}",
    "name": "Nom",
    "name_course": "Participant",
    "name_trip": "Passager",
    "ticket_type": "Tarif",
    "section": "Zone",
    "row": "Rang",
    "seat": "Place",
    "entrance": "Entrée",
    "vehicle": "Véhicule",
    "departure_point": "Lieu de départ",
    "starts": "Début",
    "departs": "Départ",
    "arrives": "Arrivée",
    "order": "Commande",
    "price": "Prix",
    "free": "Gratuit",
    "bought_by": "Acheté par",
    "online": "En ligne",
    "link": "Lien",
    "venue": "Lieu",
    "date": "Date",
    "code": "Code",
    "unscheduled": "Les dates seront annoncées.",
    "until": "jusqu\N{RIGHT SINGLE QUOTATION MARK}au {moment}",
    "about": "À propos de cet événement",
    "about_course": "À propos de ce cours",
    "about_trip": "À propos de ce trajet",
    "notes": "Bon à savoir",
    "terms": "Conditions",
    "qr": "Code QR",
    "cancelled": "ANNULÉ",
    "sample": "SPÉCIMEN",
}
_WORDS: Mapping[str, Mapping[str, str]] = {Language.ENGLISH: _ENGLISH, Language.FRENCH: _FRENCH}


def words_in(language: str) -> Mapping[str, str]:
    """Return all words of a language; English where Kassa does not speak it."""
    return _WORDS.get(language, _ENGLISH)


def written_in(texts: Mapping[str, str], *languages: str) -> str:
    """Return an organiser's text in the first of the languages it has; else in any; else nothing."""
    for language in (*languages, *texts):
        if texts.get(language):
            return texts[language]
    return ""
