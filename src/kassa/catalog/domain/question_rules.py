"""What makes a question valid: functions of values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kassa.catalog.enums import QuestionKind, QuestionScope
from kassa.core.errors import InvalidInput
from kassa.core.languages import Language

CHANGEABLE_QUESTION_FIELDS = frozenset(
    [
        "label",
        "help_text",
        "kind",
        "options",
        "max_length",
        "is_required",
        "scope",
        "is_changeable",
        "sort_order",
        "translations",
    ]
)
QUESTION_FIELDS = CHANGEABLE_QUESTION_FIELDS | {"key"}
"""The columns a client may set; ``ticket_types`` are kept elsewhere."""
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
LONGEST_LABEL, LONGEST_HELP, LONGEST_OPTION, LONGEST_ANSWER = 200, 500, 200, 5000
MOST_OPTIONS = 200
TRANSLATED = frozenset({"label", "help_text", "options"})


def check_question(values: Mapping[str, Any]) -> None:
    """Let the values of a whole question pass if they belong together.

    Raises:
        InvalidInput: they do not; the field says where.
    """
    if not KEY.fullmatch(values.get("key") or ""):
        raise InvalidInput(
            "A key has 1 to 60 small letters, digits and underscores, a letter first.", field="key"
        )
    _check_text(values.get("label"), "label", longest=LONGEST_LABEL, least=1)
    _check_text(values.get("help_text", ""), "help_text", longest=LONGEST_HELP)
    kind = values.get("kind", QuestionKind.TEXT)
    if kind not in QuestionKind.values:
        raise InvalidInput(f"Choose kind from {', '.join(QuestionKind.values)}.", field="kind")
    if values.get("scope", QuestionScope.TICKET) not in QuestionScope.values:
        raise InvalidInput(f"Choose scope from {', '.join(QuestionScope.values)}.", field="scope")
    if not 1 <= values.get("max_length", 1000) <= LONGEST_ANSWER:
        raise InvalidInput(f"Let max_length be 1 to {LONGEST_ANSWER}.", field="max_length")
    options = values.get("options") or []
    if bool(options) != (kind == QuestionKind.CHOICE):
        raise InvalidInput("A choice has options, and nothing else has.", field="options")
    _check_options(options, "options")
    _check_translations(values.get("translations") or {}, len(options))


def _check_translations(translations: Mapping[str, Any], options: int) -> None:
    for language, words in translations.items():
        place = f"translations.{language}"
        if language not in Language.values:
            raise InvalidInput(f"Choose languages from {', '.join(Language.values)}.", field=place)
        unknown = sorted(set(words) - TRANSLATED)
        if unknown:
            raise InvalidInput(f"A translation has no '{unknown[0]}'.", field=f"{place}.{unknown[0]}")
        _check_text(words.get("label") or "", f"{place}.label", longest=LONGEST_LABEL)
        _check_text(words.get("help_text") or "", f"{place}.help_text", longest=LONGEST_HELP)
        translated = words.get("options") or []
        if translated and len(translated) != options:
            raise InvalidInput("Translate each option, in their order.", field=f"{place}.options")
        _check_options(translated, f"{place}.options")


def _check_options(options: Sequence[str], field: str) -> None:
    if len(options) > MOST_OPTIONS:
        raise InvalidInput(f"Name at most {MOST_OPTIONS} options.", field=field)
    for option in options:
        _check_text(option, field, longest=LONGEST_OPTION, least=1)
    if len(set(options)) < len(options):
        raise InvalidInput("Name each option once.", field=field)


def _check_text(text: str | None, field: str, *, longest: int, least: int = 0) -> None:
    if text is None or not least <= len(text.strip()) <= len(text) <= longest:
        raise InvalidInput(f"This has {least} to {longest} characters.", field=field)
    if text != text.strip() or "\x00" in text:
        raise InvalidInput("This begins and ends with a letter, not with a space.", field=field)
