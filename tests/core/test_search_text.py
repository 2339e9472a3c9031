"""One table of what is looked for how: the same by the server, by the database and by the scanner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.search_text import LETTERS, fold, like_pattern

CASES: list[tuple[str, str]] = [
    (text, folded) for text, folded in json.loads((Path(__file__).parent / "search_cases.json").read_text())
]


@pytest.mark.parametrize(("text", "folded"), CASES)
def test_texts_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.django_db
def test_the_database_folds_alike() -> None:
    every_letter = [*map(chr, range(1, 0x250)), *map(chr, range(0x370, 0x530)), *LETTERS]
    wanted = [text for text, _ in CASES] + every_letter
    with connection.cursor() as cursor:
        cursor.execute("SELECT t, kassa_fold(t) FROM unnest(%s::text[]) AS t", [wanted])
        found = dict(cursor.fetchall())

    assert {text: folded for text, folded in found.items() if folded != fold(text)} == {}


@pytest.mark.django_db
def test_the_database_folds_letters_alike() -> None:
    texts = [text for text, _ in CASES] + [chr(number) for number in range(1, 0x250)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT t, kassa_fold_letters(t) FROM unnest(%s::text[]) AS t WHERE t <> ''", [texts])
        found = dict(cursor.fetchall())

    assert {text for text, letters in found.items() if fold(letters) != fold(text)} == set()


def test_signs_of_patterns_stand_for_themselves() -> None:
    assert like_pattern("50%_a\\b") == "%50\\%\\_a\\\\b%"
