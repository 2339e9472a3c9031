"""How events are found by words: any beginning of a word, without accents, in whatever language it is."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import BooleanField, CharField, Func, Q, QuerySet, Value
from django.db.models.functions import Left
from django.db.models.lookups import Exact

from kassa.core.search_text import Folded, fold

WORD = re.compile(r"\w+")
WORDS_LIMIT = 8
SEARCHED_CHARACTERS = 20_000
"""Of a description; PostgreSQL keeps the words of a megabyte at most."""


class FoldedWords(Func):
    """The words of some columns as PostgreSQL looks for them, folded."""

    template = "to_tsvector('simple'::regconfig, kassa_fold(%(expressions)s))"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class _Match(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


EVENT_WORDS = FoldedWords(
    "title",
    "short_description",
    "category",
    "venue_name",
    "city",
    "origin",
    "destination",
    Left("description", SEARCHED_CHARACTERS),
)


def says(text: str) -> Q | None:
    """Return the condition of events that say all the words of a text. None: it has no words."""
    words = [found.group() for found in WORD.finditer(fold(text))][:WORDS_LIMIT]
    if not words:
        return None
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
    return Q(_Match(EVENT_WORDS, query))


class _Tags(Func):
    template = "(ARRAY(SELECT kassa_fold(tag) FROM unnest(%(expressions)s) AS tag))"
    output_field = ArrayField(CharField())


class _IsOne(Func):
    template = "%(expressions)s"
    arg_joiner = " = ANY"
    output_field = BooleanField()


def has_tag(tag: str) -> Q:
    """Return the condition of events that have a tag, in whatever letters it is written."""
    return Q(_IsOne(Value(fold(tag), output_field=CharField()), _Tags("tags")))


def is_same(column: str, text: str) -> Q:
    """Return the condition of events that have a text in a column, in whatever letters it is written."""
    return Q(Exact(Folded(column), Value(fold(text)))) if fold(text) else Q(**{column: text})


def find_by_title_or_tag(events: QuerySet[Any, Any], text: str) -> QuerySet[Any, Any]:
    """Return the events that have a text in their title, or a tag of this name."""
    wanted = fold(text)
    if not wanted:
        return events.filter(title__contains=text)
    found: QuerySet[Any, Any] = events.alias(folded_title=Folded("title"))
    return found.filter(Q(folded_title__contains=wanted) | has_tag(text))
