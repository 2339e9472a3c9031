"""What the door says to each scan, in English and French: plain, short, with what to do."""

from __future__ import annotations

from typing import Any

from kassa.admission.domain.names import holder_name
from kassa.admission.enums import ScanKind, ScanResult
from kassa.core.formatting import format_short_date, format_time, zone_named
from kassa.core.languages import Language
from kassa.orders.domain.codes import ALPHABET, LENGTH, is_code

_R = ScanResult

SENTENCES: dict[str, dict[Language, str]] = {
    "entry": {Language.ENGLISH: "Come in.", Language.FRENCH: "Entrée autorisée."},
    "entry_named": {Language.ENGLISH: "Welcome, {name}.", Language.FRENCH: "Bienvenue, {name}."},
    "exit": {Language.ENGLISH: "Goodbye.", Language.FRENCH: "Au revoir."},
    "not_let_in": {
        Language.ENGLISH: "The ticket was good, but nobody was let in with it.",
        Language.FRENCH: "Le billet était bon, mais personne n’est entré avec.",
    },
    _R.ALREADY_USED: {
        Language.ENGLISH: "This ticket was used already.",
        Language.FRENCH: "Ce billet a déjà été utilisé.",
    },
    "already_used_then": {
        Language.ENGLISH: "This ticket was used already: {when}{where}.",
        Language.FRENCH: "Ce billet a déjà été utilisé\N{NO-BREAK SPACE}: {when}{where}.",
    },
    _R.NOT_INSIDE: {
        Language.ENGLISH: "Nobody is in with this ticket.",
        Language.FRENCH: "Personne n’est entré avec ce billet.",
    },
    _R.NO_EXITS: {
        Language.ENGLISH: "Exits are not scanned here.",
        Language.FRENCH: "Les sorties ne sont pas contrôlées ici.",
    },
    _R.WRONG_EVENT: {
        Language.ENGLISH: "This ticket is for another event: {event}.",
        Language.FRENCH: "Ce billet est pour un autre événement\N{NO-BREAK SPACE}: {event}.",
    },
    _R.WRONG_TICKET_TYPE: {
        Language.ENGLISH: "'{type}' is not let in here. Send them to another door.",
        Language.FRENCH: "Les billets «\N{NO-BREAK SPACE}{type}\N{NO-BREAK SPACE}» n’entrent pas ici. "
        "Indiquez une autre porte.",
    },
    _R.TOO_EARLY: {
        Language.ENGLISH: "Too early: the doors open {when}.",
        Language.FRENCH: "Trop tôt\N{NO-BREAK SPACE}: les portes ouvrent {when}.",
    },
    _R.TOO_LATE: {
        Language.ENGLISH: "Too late: the doors closed {when}.",
        Language.FRENCH: "Trop tard\N{NO-BREAK SPACE}: les portes ont fermé {when}.",
    },
    _R.REFUNDED: {
        Language.ENGLISH: "This ticket was refunded.",
        Language.FRENCH: "Ce billet a été remboursé.",
    },
    _R.CANCELLED: {
        Language.ENGLISH: "This ticket was cancelled.",
        Language.FRENCH: "Ce billet a été annulé.",
    },
    "event_cancelled": {
        Language.ENGLISH: "This event was cancelled.",
        Language.FRENCH: "Cet événement a été annulé.",
    },
    _R.EXPIRED: {
        Language.ENGLISH: "This ticket was never paid, and its order has expired.",
        Language.FRENCH: "Ce billet n’a jamais été payé et sa commande a expiré.",
    },
    _R.TRANSFERRED: {
        Language.ENGLISH: "This ticket was given to another person. Only their new code is good.",
        Language.FRENCH: "Ce billet a été cédé à une autre personne. Seul son nouveau code est valable.",
    },
    _R.REISSUED: {
        Language.ENGLISH: "This ticket was replaced by a new one. Ask for the new code.",
        Language.FRENCH: "Ce billet a été remplacé par un autre. Demandez le nouveau code.",
    },
    _R.UNPAID: {
        Language.ENGLISH: "This ticket is not paid yet.",
        Language.FRENCH: "Ce billet n’est pas encore payé.",
    },
    _R.BLOCKED: {
        Language.ENGLISH: "This ticket was blocked. Ask the organiser.",
        Language.FRENCH: "Ce billet est bloqué. Adressez-vous à l’organisateur.",
    },
    "frozen": {
        Language.ENGLISH: "The payment of this ticket is disputed. Ask the organiser.",
        Language.FRENCH: "Le paiement de ce billet est contesté. Adressez-vous à l’organisateur.",
    },
    _R.UNKNOWN: {
        Language.ENGLISH: "There is no such ticket here.",
        Language.FRENCH: "Ce billet n’existe pas ici.",
    },
    "mistyped": {
        Language.ENGLISH: "There is a mistake in this code. Type it again.",
        Language.FRENCH: "Il y a une erreur dans ce code. Saisissez-le de nouveau.",
    },
    _R.FORGED: {
        Language.ENGLISH: "This QR code was not made by the organiser. Let nobody in.",
        Language.FRENCH: "Ce code QR n’a pas été créé par l’organisateur. Ne laissez entrer personne.",
    },
    _R.KEY_REVOKED: {
        Language.ENGLISH: "This QR code is no longer trusted. Type the ticket's code instead.",
        Language.FRENCH: "Ce code QR n’est plus reconnu. Saisissez plutôt le code du billet.",
    },
    _R.UNKNOWN_LIST: {
        Language.ENGLISH: "This device no longer scans for this list.",
        Language.FRENCH: "Cet appareil ne contrôle plus les billets de cette liste.",
    },
    "entry_undone": {
        Language.ENGLISH: "The entry was undone.",
        Language.FRENCH: "L’entrée a été annulée.",
    },
    "exit_undone": {
        Language.ENGLISH: "The exit was undone.",
        Language.FRENCH: "La sortie a été annulée.",
    },
}
_AT = {Language.ENGLISH: "at", Language.FRENCH: "à"}
_ON = {Language.ENGLISH: "on {date} at {time}", Language.FRENCH: "le {date} à {time}"}
_BY = {Language.ENGLISH: "by", Language.FRENCH: "par"}


def sentence_about(row: Any, language: Language) -> str:
    """Return what to say about a scan that was read back."""
    facts = {
        "name": holder_name(row) if row.ticket_id else "",
        "event": row.event_title,
        "type": row.ticket_type,
        "when": _when(row, language),
        "where": _where(row, language),
    }
    return SENTENCES[_which(row)][language].format(**facts)


def _which(row: Any) -> str:
    which = str(row.result)
    match row.result:
        case _R.VALID:
            which = _of_valid(row)
        case _R.ALREADY_USED if row.previous_at is not None:
            which = "already_used_then"
        case _R.CANCELLED if row.status in ("valid", "used") and row.event_status == "cancelled":
            which = "event_cancelled"
        case _R.BLOCKED if row.blocked_at is None and row.frozen_at is not None:
            which = "frozen"
        case _R.UNKNOWN if _is_mistyped(row.scanned_code):
            which = "mistyped"
        case _R.UNDONE:
            which = f"{row.previous_kind}_undone"
    return which


def _of_valid(row: Any) -> str:
    if row.turn is None:
        return "not_let_in"
    if row.kind == ScanKind.EXIT:
        return "exit"
    return "entry_named" if holder_name(row) else "entry"


def _is_mistyped(code: str) -> bool:
    """Say whether a text is as long as our codes are, and certainly none of them."""
    looks_alike = all(letter in ALPHABET or letter in "01IO" for letter in code)
    return len(code) == LENGTH and looks_alike and not is_code(code)


def _when(row: Any, language: Language) -> str:
    moments = {_R.TOO_EARLY: row.doors_open_at, _R.TOO_LATE: row.doors_close_at}
    moment = moments.get(row.result, row.previous_at)
    if moment is None:
        return ""
    zone = zone_named(row.time_zone or "UTC")
    day, today = (at.astimezone(zone).date() for at in (moment, row.scanned_at))
    time = format_time(moment, zone, language)
    if day == today:
        return f"{_AT[language]} {time}"
    return _ON[language].format(date=format_short_date(day, language, today=today), time=time)


def _where(row: Any, language: Language) -> str:
    gate = f", {row.previous_gate}" if row.previous_gate else ""
    return gate + (f", {_BY[language]} {row.previous_by}" if row.previous_by else "")
