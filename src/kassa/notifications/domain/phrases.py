"""The few words around the texts, in each language."""

from __future__ import annotations

from kassa.core.languages import Language
from kassa.notifications.domain.wording import one_line

_EN, _FR = Language.ENGLISH.value, Language.FRENCH.value

PHRASES: dict[str, dict[str, str]] = {
    "discount": {_EN: "Discount", _FR: "Réduction"},
    "fees": {_EN: "Service fee", _FR: "Frais de service"},
    "taxes": {_EN: "Taxes", _FR: "Taxes"},
    "shipping": {_EN: "Shipping", _FR: "Livraison"},
    "total": {_EN: "Total", _FR: "Total"},
    "free": {_EN: "Free", _FR: "Gratuit"},
    "order": {_EN: "Order", _FR: "Commande"},
    "transfer_amount": {_EN: "Amount", _FR: "Montant"},
    "account_holder": {_EN: "Account holder", _FR: "Bénéficiaire"},
    "iban": {_EN: "IBAN", _FR: "IBAN"},
    "bic": {_EN: "BIC", _FR: "BIC"},
    "bank": {_EN: "Bank", _FR: "Banque"},
    "reference": {_EN: "Reference", _FR: "Référence"},
    "due": {_EN: "Pay by", _FR: "Au plus tard le"},
    "reference_hint": {
        _EN: "Use exactly this reference so that we can match your payment.",
        _FR: "N\N{RIGHT SINGLE QUOTATION MARK}écrivez que cette référence, pour que nous retrouvions "
        "votre virement.",
    },
    "colon": {_EN: ":", _FR: "\N{NO-BREAK SPACE}:"},
    "seat": {_EN: "Seat:", _FR: "Place\N{NO-BREAK SPACE}:"},
    "seats": {_EN: "Seats:", _FR: "Places\N{NO-BREAK SPACE}:"},
    "title": {_EN: "Title", _FR: "Titre"},
    "starts_at": {_EN: "Start", _FR: "Début"},
    "ends_at": {_EN: "End", _FR: "Fin"},
    "time_zone": {_EN: "Time zone", _FR: "Fuseau horaire"},
    "venue": {_EN: "Venue", _FR: "Lieu"},
    "address": {_EN: "Address", _FR: "Adresse"},
    "origin": {_EN: "Departure from", _FR: "Départ de"},
    "destination": {_EN: "Destination", _FR: "Destination"},
    "virtual_event_url": {_EN: "Online access", _FR: "Accès en ligne"},
    "new_link": {_EN: "new link, on your page", _FR: "nouveau lien, sur votre page"},
    "before": {_EN: "before:", _FR: "avant\N{NO-BREAK SPACE}:"},
    "online": {_EN: "Online", _FR: "En ligne"},
    "qr": {_EN: "QR code", _FR: "Code QR"},
    "show_ticket": {_EN: "View ticket", _FR: "Voir le billet"},
    "more_tickets": {
        _EN: "… and {count} more on your order page.",
        _FR: "… et {count} autres, sur la page de votre commande.",
    },
    "download": {_EN: "Download your tickets (PDF)", _FR: "Télécharger mes billets (PDF)"},
    "questions": {_EN: "Questions? Write to", _FR: "Une question\N{NO-BREAK SPACE}? Écrivez à"},
    "unsubscribe": {_EN: "No more reminders?", _FR: "Plus de rappels\N{NO-BREAK SPACE}?"},
    "unsubscribe_here": {_EN: "Unsubscribe", _FR: "Se désabonner"},
    "why_order": {
        _EN: "You receive this message because of your order {number}.",
        _FR: "Vous recevez ce message au sujet de votre commande {number}.",
    },
    "why_ticket": {
        _EN: "You receive this message because of a ticket in your name.",
        _FR: "Vous recevez ce message au sujet d\N{RIGHT SINGLE QUOTATION MARK}un billet à votre nom.",
    },
    "why_offer": {
        _EN: "You receive this message because someone is sending you a ticket. If you do not know them, "
        "please ignore it.",
        _FR: "Vous recevez ce message parce qu\N{RIGHT SINGLE QUOTATION MARK}on vous propose un billet. "
        "Si vous ne connaissez pas cette personne, ignorez-le.",
    },
}


def phrase(name: str, language: str) -> str:
    return PHRASES[name][language]


def greeting(name: str, language: str) -> str:
    """Return how somebody is spoken to first: by their first name, where it is known."""
    first = one_line(name).split(" ")[0]
    hello = "Hello" if language == _EN else "Bonjour"
    return f"{hello} {first}," if first else f"{hello},"
