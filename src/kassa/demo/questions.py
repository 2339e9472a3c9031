"""What the demo's organisations ask their buyers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kassa.catalog.domain.questions import create_question
from kassa.catalog.enums import QuestionKind, QuestionScope
from kassa.demo.houses import House
from kassa.demo.offers import Staged

ACCESS: dict[str, Any] = {
    "key": "access",
    "label": "Any access needs?",
    "help_text": "A place for a wheelchair, an induction loop, a guide dog: tell us, and we see to it.",
    "scope": QuestionScope.ORDER,
    "max_length": 500,
    "translations": {
        "fr": {
            "label": "Des besoins particuliers ?",
            "help_text": "Place pour fauteuil roulant, boucle magnétique, chien guide : dites-le-nous.",
        }
    },
}
STUDENT_CARD: dict[str, Any] = {
    "key": "student_card",
    "label": "Student card",
    "help_text": "A photograph or scan of the side with your name.",
    "kind": QuestionKind.FILE,
    "is_required": True,
    "is_changeable": False,
    "translations": {
        "fr": {
            "label": "Carte d'étudiant",
            "help_text": "Une photo ou un scan du côté où figure votre nom.",
        }
    },
}
SHIRT: dict[str, Any] = {
    "key": "shirt_size",
    "label": "T-shirt size",
    "kind": QuestionKind.CHOICE,
    "options": ["Small", "Medium", "Large", "None, thanks"],
    "translations": {
        "fr": {"label": "Taille du T-shirt", "options": ["Petit", "Moyen", "Grand", "Pas de T-shirt, merci"]}
    },
}
BORN: dict[str, Any] = {
    "key": "date_of_birth",
    "label": "Date of birth",
    "help_text": "The workshop counts as training, and the certificate names it.",
    "kind": QuestionKind.DATE,
    "is_required": True,
    "translations": {
        "fr": {
            "label": "Date de naissance",
            "help_text": "L'atelier compte comme formation ; elle figure sur l'attestation.",
        }
    },
}


def ask(house: House, event: Staged, question: dict[str, Any], *ticket_types: UUID) -> None:
    """Ask an event's buyers something from now on: those of these ticket types, or all."""
    create_question(house.context, event.id, fields=question, ticket_type_ids=ticket_types)
