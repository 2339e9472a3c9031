"""How events are found by words: any beginning of a word, without accents, in whatever language it is."""

from __future__ import annotations

import re
import unicodedata

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import BooleanField, CharField, Func, Q, Value
from django.db.models.functions import Left

WORD = re.compile(r"\w+")
WORDS_LIMIT = 8
SEARCHED_CHARACTERS = 20_000
"""Of a description; PostgreSQL keeps the words of a megabyte at most."""
_MARKS = re.compile(r"[\u0300-\u036f]")


class Words(Func):
    """The words of some columns as PostgreSQL looks for them; only of what an index may be made of."""

    template = (
        "to_tsvector('simple'::regconfig, regexp_replace(normalize(translate(lower(%(expressions)s), "
        "'\N{RIGHT SINGLE QUOTATION MARK}''-/.', '     '), NFKD), "
        r"'[\u0300-\u036f]', '', 'g'))"
    )
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class _Match(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


EVENT_WORDS = Words(
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
    """Return the condition of events that say all the words of a text. Null: it has no words."""
    words = [found.group() for found in WORD.finditer(plain(text))][:WORDS_LIMIT]
    if not words:
        return None
    query = SearchQuery(" & ".join(f"{word}:*" for word in words), config="simple", search_type="raw")
    return Q(_Match(EVENT_WORDS, query))


def plain(text: str) -> str:
    """Return a text in small letters without accents, as :class:`Words` has it."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.lower().replace("_", " ")))


class _Tags(Func):
    template = "(lower(%(expressions)s::text)::text[])"
    output_field = ArrayField(CharField())


class _IsOne(Func):
    template = "%(expressions)s"
    arg_joiner = " = ANY"
    output_field = BooleanField()


def has_tag(tag: str) -> Q:
    """Return the condition of events that have a tag, however it is capitalised."""
    return Q(_IsOne(Value(tag.lower(), output_field=CharField()), _Tags("tags")))
