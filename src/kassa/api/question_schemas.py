"""Questions, answers and uploads as they come in and go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, Field

from kassa.api.inputs import EMPTY_LIST, EMPTY_OBJECT, EMPTY_TEXT, KEPT, MAX_COUNT, Ids, check_keepable
from kassa.api.schemas import Input, Text, example
from kassa.catalog.domain.question_rules import (
    LONGEST_ANSWER,
    LONGEST_HELP,
    LONGEST_LABEL,
    LONGEST_OPTION,
    MOST_OPTIONS,
)
from kassa.catalog.enums import QuestionKind, QuestionScope
from kassa.catalog.models import Question
from kassa.catalog.queries import asked
from kassa.core.languages import Language
from kassa.orders.enums import UploadType

MAX_ANSWERS_BYTES = 100_000


def _keepable(answers: dict[str, Any]) -> dict[str, Any]:
    return check_keepable(answers, max_bytes=MAX_ANSWERS_BYTES)


Answers = Annotated[
    dict[str, str | None],
    AfterValidator(_keepable),
    Field(
        description="By the question's key: a text, an option, a date as `YYYY-MM-DD`, or an upload's id.",
        examples=[{"access": "A place for a wheelchair"}],
    ),
]
Label = Annotated[Text, Field(min_length=1, max_length=LONGEST_LABEL)]
HelpText = Annotated[Text, Field(max_length=LONGEST_HELP), EMPTY_TEXT]
Options = Annotated[
    list[Annotated[Text, Field(min_length=1, max_length=LONGEST_OPTION)]],
    Field(max_length=MOST_OPTIONS),
    EMPTY_LIST,
]


class TranslationIn(Input):
    """The same in another language; what is left out is shown as it was written."""

    label: HelpText = KEPT
    help_text: HelpText = KEPT
    options: Options = KEPT


class QuestionChange(Input):
    model_config = example(label="Any access needs?", is_required=False)

    label: Label = KEPT
    help_text: HelpText = KEPT
    kind: QuestionKind = KEPT
    options: Annotated[Options, Field(description="What a `choice` may be answered with.")] = KEPT
    max_length: Annotated[int, Field(ge=1, le=LONGEST_ANSWER, description="Of a `text`.")] = KEPT
    is_required: bool = KEPT
    scope: Annotated[QuestionScope, Field(description="Asked for each `ticket`, or once per `order`.")] = KEPT
    is_changeable: Annotated[bool, Field(description="Buyers and holders may change their answer.")] = KEPT
    sort_order: Annotated[int, Field(ge=-MAX_COUNT, le=MAX_COUNT, examples=[1])] = KEPT
    ticket_types: Annotated[Ids, Field(description="Whose buyers are asked. Empty: all of the event.")] = KEPT
    translations: Annotated[
        dict[Language, TranslationIn],
        Field(examples=[{"fr": {"label": "Des besoins particuliers ?"}}]),
        EMPTY_OBJECT,
    ] = KEPT


class QuestionIn(QuestionChange):
    model_config = example(key="access", label="Any access needs?", kind="text")

    key: Annotated[
        Text,
        Field(
            pattern="^[a-z][a-z0-9_]{0,59}$",
            description="Under which answers are kept. It never changes.",
            examples=["access"],
        ),
    ]
    label: Label


class TranslationOut(Schema):
    label: str
    help_text: str
    options: list[str]


class QuestionOut(Schema):
    id: UUID
    event: UUID
    key: str
    label: str
    help_text: str
    kind: QuestionKind
    options: list[str]
    max_length: int
    is_required: bool
    scope: QuestionScope
    is_changeable: bool
    sort_order: int
    ticket_types: list[UUID] = Field(description="Whose buyers are asked. Empty: all of the event.")
    translations: dict[str, TranslationOut]
    created_at: datetime
    updated_at: datetime


_COLUMNS = (
    "id",
    "key",
    "label",
    "help_text",
    "kind",
    "options",
    "max_length",
    "is_required",
    "scope",
    "is_changeable",
    "sort_order",
    "created_at",
    "updated_at",
)


def show_question(question: Question) -> dict[str, Any]:
    """Return a question as :class:`QuestionOut` has it."""
    return {
        **{name: getattr(question, name) for name in _COLUMNS},
        "event": question.event_id,
        "ticket_types": sorted(asked(question).ticket_type_ids),
        "translations": {
            language: {
                "label": words.get("label", ""),
                "help_text": words.get("help_text", ""),
                "options": words.get("options", []),
            }
            for language, words in question.translations.items()
        },
    }


class AnswersIn(Input):
    model_config = example(answers={"access": "A place for a wheelchair"})

    answers: Answers = Field(description="Those not named stay; null takes one back.")


class UploadOut(Schema):
    id: UUID
    name: str
    media_type: UploadType
    size: int = Field(description="In bytes.")
    order: UUID | None = Field(description="Which order it belongs to. Null: none yet.")
    created_at: datetime
