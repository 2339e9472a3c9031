"""Every word of the public pages exists in French, and what is shipped is what was translated."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po
from django.utils.translation import override

import kassa.storefront
import kassa.web
from kassa.core.stored_sentences import CONTEXT
from kassa.storefront import messages

ROOT = Path(kassa.storefront.__file__).parent
WEB = Path(kassa.web.__file__).parent
PARTS = sorted(path.parent.parent.parent for path in ROOT.parent.rglob("locale/fr/LC_MESSAGES"))
"""Every folder with a catalogue: the frame of pages, the pages and their parts, payments, the demo bank."""

TRANSLATE = re.compile(r"{%\s*translate\s+(?:\"([^\"]*)\"|'([^']*)')(?:\s+context\s+\"([^\"]*)\")?")
BLOCK = re.compile(r"{%\s*blocktranslate\b(.*?)%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
PLURAL = re.compile(r"{%\s*plural\s*%}")
MARKERS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}

parts = pytest.mark.parametrize("part", PARTS, ids=[path.name for path in PARTS])


def part_of(path: Path) -> Path:
    return max((part for part in PARTS if path.is_relative_to(part)), key=lambda part: len(part.parts))


def in_context(context: str | None, text: str) -> str:
    """Return a text as a catalogue has it, where it says what the text is about."""
    return f"{context}\x04{text}" if context else text


def in_templates(path: Path) -> Iterator[str]:
    text = path.read_text()
    for found in TRANSLATE.findall(text):
        # A percent sign is doubled before Django looks a template's text up.
        yield in_context(found[2], (found[0] or found[1]).replace("%", "%%"))
    for head, block in BLOCK.findall(text):
        source = re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", PLURAL.split(block)[0].replace("%", "%%"))
        is_trimmed = "trimmed" in head.split()
        yield " ".join(line.strip() for line in source.strip().splitlines()) if is_trimmed else source


def in_code(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_]) if (
                name in MARKERS
            ):
                yield text
            case ast.Call(func=ast.Name(id="stored_sentence"), args=[ast.Constant(value=str(text))]):
                yield in_context(CONTEXT, text)
            case ast.Call(
                func=ast.Name(id="pgettext" | "pgettext_lazy"),
                args=[ast.Constant(value=str(context)), ast.Constant(value=str(text))],
            ):
                yield in_context(context, text)


def said(part: Path) -> set[str]:
    """Return the texts of the pages of one part."""
    templates = (
        text for path in part.rglob("*.html") if part_of(path) == part for text in in_templates(path)
    )
    code = (text for path in part.rglob("*.py") if part_of(path) == part for text in in_code(path))
    return {*templates, *code}


def shipped(part: Path) -> dict[str, str]:
    with (part / "locale/fr/LC_MESSAGES/django.mo").open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    singular = {key: text for key, text in catalog.items() if not isinstance(key, tuple) or key[1] == 0}
    found = {key[0] if isinstance(key, tuple) else key: text for key, text in singular.items()}
    return {key: text for key, text in found.items() if key}


@parts
def test_every_word_is_translated(part: Path) -> None:
    french = {**shipped(WEB), **shipped(ROOT), **shipped(part)}

    assert said(part)
    assert [text for text in sorted(said(part)) if not french.get(text)] == []


@parts
def test_nothing_is_translated_that_no_page_says(part: Path) -> None:
    by_pages = {text for one in PARTS for text in said(one)} if part in (WEB, ROOT) else said(part)

    assert sorted(shipped(part).keys() - by_pages) == []


@parts
def test_what_is_shipped_is_what_was_translated(part: Path) -> None:
    with (part / "locale/fr/LC_MESSAGES/django.po").open("rb") as file:
        written = read_po(file, locale="fr")
    texts = {_key(message): _first(message.string) for message in written if message.id and message.string}
    found = shipped(part)

    assert {key: found.get(key) for key in texts} == texts


def test_what_two_parts_translate_they_translate_alike() -> None:
    known: dict[str, str] = {}
    for part in PARTS:
        for key, text in shipped(part).items():
            assert known.setdefault(key, text) == text, key


def _key(message: Message) -> str:
    return in_context(message.context, _first(message.id))


def _first(text: Any) -> str:
    return str(text if isinstance(text, str) else text[0])


@parts
def test_places_in_a_sentence_are_the_same_in_both(part: Path) -> None:
    for source, text in shipped(part).items():
        assert sorted(re.findall(r"%\(\w+\)s", source)) == sorted(re.findall(r"%\(\w+\)s", text)), source


def test_problems_are_told_in_french() -> None:
    with override("fr"):
        assert all(str(text) != text_in_english for text, text_in_english in _both())


def _both() -> list[tuple[str, str]]:
    french = [str(text) for text in messages.PROBLEMS.values()]
    with override("en"):
        return list(zip(french, [str(text) for text in messages.PROBLEMS.values()], strict=True))
