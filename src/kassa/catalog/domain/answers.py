"""Questions and their answers as values: what is asked, and whether an answer is one. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from kassa.catalog.enums import QuestionKind, QuestionScope
from kassa.catalog.errors import AnswerInvalid, AnswerMissing
from kassa.core.visible_text import is_visible

FIRST_YEAR, LAST_YEAR = 1900, 2999
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LINE_BREAKS = ("\n", "\t")
"""The control characters that a text of several lines has."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question as it is asked now."""

    id: UUID
    event_id: UUID
    key: str
    label: str
    help_text: str = ""
    kind: str = QuestionKind.TEXT.value
    options: tuple[str, ...] = ()
    max_length: int = 1000
    is_required: bool = False
    scope: str = QuestionScope.TICKET.value
    is_changeable: bool = True
    sort_order: int = 0
    translations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ticket_type_ids: frozenset[UUID] = frozenset()
    """Empty: asked of all ticket types of the event."""

    def is_asked_of(self, ticket_type_id: UUID) -> bool:
        """Say whether it is asked of tickets of a type of its event."""
        return not self.ticket_type_ids or ticket_type_id in self.ticket_type_ids

    def label_in(self, language: str) -> str:
        """Return the question in a language, or as it was written if there is no translation."""
        return self._translated(language).get("label") or self.label

    def help_text_in(self, language: str) -> str:
        """Return the words below it in a language, or as they were written."""
        return self._translated(language).get("help_text") or self.help_text

    def options_in(self, language: str) -> tuple[tuple[str, str], ...]:
        """Return each option with what is shown for it in a language."""
        shown = self._translated(language).get("options") or ()
        return tuple(
            zip(self.options, shown if len(shown) == len(self.options) else self.options, strict=True)
        )

    def _translated(self, language: str) -> Mapping[str, Any]:
        return self.translations.get(language) or {}


def asked_of_ticket(questions: Iterable[AskedQuestion], ticket_type_id: UUID) -> list[AskedQuestion]:
    """Return what is asked for each ticket of a type, of the questions of its event."""
    return [one for one in questions if one.scope == QuestionScope.TICKET and one.is_asked_of(ticket_type_id)]


def asked_of_order(
    questions: Iterable[AskedQuestion], ticket_type_ids: Iterable[UUID]
) -> list[AskedQuestion]:
    """Return what is asked once for an order of these ticket types, of the questions of their events."""
    types = set(ticket_type_ids)
    return [
        one
        for one in questions
        if one.scope == QuestionScope.ORDER and (not one.ticket_type_ids or one.ticket_type_ids & types)
    ]


def check_answers(
    questions: Sequence[AskedQuestion], given: Mapping[str, Any], *, partial: bool = False
) -> dict[str, Any]:
    """Return answers as they are kept: texts trimmed, options as they were first written.

    What no question asks stays as it was given: it is the client's own. An empty answer is
    none. With ``partial`` only what is given is looked at: nothing is missing that is not
    named, and an answer that is taken back is null; see :func:`changed_answers`.
    Whether the upload that a file's answer names exists is for the caller to ask.

    Raises:
        AnswerMissing: a question that must be answered is not.
        AnswerInvalid: an answer is not one that its question takes.
    """
    answers = dict(given)
    for question in questions:
        if partial and question.key not in given:
            continue
        answer = _answer(question, given.get(question.key))
        if answer is None and question.is_required:
            raise AnswerMissing(question=question.key, label=question.label)
        if answer is not None or partial:
            answers[question.key] = answer
        else:
            answers.pop(question.key, None)
    return answers


def changed_answers(
    questions: Sequence[AskedQuestion], present: Mapping[str, Any], changes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return present answers with some of them changed or, where they are null, taken back.

    Raises:
        AnswerMissing: an answer that must be there would be taken back.
        AnswerInvalid: an answer is not one that its question takes.
    """
    merged = {**present, **check_answers(questions, changes, partial=True)}
    return {key: answer for key, answer in merged.items() if answer is not None or key not in changes}


def upload_ids(questions: Iterable[AskedQuestion], answers: Mapping[str, Any]) -> dict[str, UUID]:
    """Return by key the uploads that checked answers name."""
    return {
        one.key: UUID(answers[one.key])
        for one in questions
        if one.kind == QuestionKind.FILE and answers.get(one.key)
    }


def _answer(question: AskedQuestion, given: Any) -> str | None:
    """Return one answer as it is kept. None: there is none."""
    if given is None:
        return None
    if not isinstance(given, str):
        raise _invalid(question, "Send the answer as a text.")
    return _READ[QuestionKind(question.kind)](question, given) if is_visible(given) else None


def _text(question: AskedQuestion, given: str) -> str:
    text = given.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(unicodedata.category(each) in ("Cc", "Cs") and each not in LINE_BREAKS for each in text):
        raise _invalid(question, "The answer has control characters, which no text has.")
    if len(text) > question.max_length:
        raise _invalid(
            question,
            f"The answer has {len(text)} characters; at most {question.max_length} are taken.",
            max_length=question.max_length,
        )
    return text


def _choice(question: AskedQuestion, given: str) -> str:
    chosen = given.strip()
    if chosen in question.options:
        return chosen
    for language in question.translations:
        for option, shown in question.options_in(language):
            if shown == chosen:
                return option
    raise _invalid(question, "Choose one of the options.", options=list(question.options))


def _date(question: AskedQuestion, given: str) -> str:
    text = given.strip()
    try:
        found = date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _invalid(question, "Send a date as YYYY-MM-DD.")
    return found.isoformat()


def _file(question: AskedQuestion, given: str) -> str:
    try:
        return str(UUID(given.strip()))
    except ValueError:
        raise _invalid(question, "Send the id of an upload.") from None


_READ: Mapping[QuestionKind, Callable[[AskedQuestion, str], str]] = {
    QuestionKind.TEXT: _text,
    QuestionKind.CHOICE: _choice,
    QuestionKind.DATE: _date,
    QuestionKind.FILE: _file,
}


def _invalid(question: AskedQuestion, detail: str, **details: Any) -> AnswerInvalid:
    return AnswerInvalid(f"'{question.label}': {detail}", question=question.key, **details)
