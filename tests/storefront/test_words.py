"""Every word of the public pages exists in French, and what is shipped is what was translated."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from django.utils.translation import override

import kassa.storefront
from kassa.storefront import words

ROOT = Path(kassa.storefront.__file__).parent
CATALOG = ROOT / "locale" / "fr" / "LC_MESSAGES"

TRANSLATE = re.compile(r"{%\s*translate\s+(?:\"([^\"]*)\"|'([^']*)')")
BLOCK = re.compile(r"{%\s*blocktranslate\b(.*?)%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
PLURAL = re.compile(r"{%\s*plural\s*%}")


def in_templates() -> Iterator[str]:
    for path in ROOT.rglob("*.html"):
        text = path.read_text()
        for found in TRANSLATE.findall(text):
            yield found[0] or found[1]
        for _, block in BLOCK.findall(text):
            yield re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", PLURAL.split(block)[0])


def in_code() -> Iterator[str]:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(text))]):
                    yield text


def shipped() -> dict[str, str]:
    with (CATALOG / "django.mo").open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    singular = {key: text for key, text in catalog.items() if not isinstance(key, tuple) or key[1] == 0}
    return {key[0] if isinstance(key, tuple) else key: text for key, text in singular.items()}


def test_every_word_is_translated() -> None:
    wanted = {*in_templates(), *in_code()}
    french = shipped()

    assert len(wanted) > 80
    assert [text for text in sorted(wanted) if not french.get(text)] == []


def test_nothing_is_translated_that_no_page_says() -> None:
    assert sorted(shipped().keys() - {*in_templates(), *in_code()} - {""}) == []


def test_what_is_shipped_is_what_was_translated() -> None:
    with (CATALOG / "django.po").open("rb") as file:
        written = read_po(file, locale="fr")
    texts = {
        _first(message.id): _first(message.string) for message in written if message.id and message.string
    }
    found = shipped()

    assert {key: found[key] for key in texts} == texts


def _first(text: Any) -> str:
    return str(text if isinstance(text, str) else text[0])


def test_places_in_a_sentence_are_the_same_in_both() -> None:
    for source, text in shipped().items():
        if source:
            assert sorted(re.findall(r"%\(\w+\)s", source)) == sorted(re.findall(r"%\(\w+\)s", text)), source


def test_problems_are_told_in_french() -> None:
    with override("fr"):
        assert all(str(text) != text_in_english for text, text_in_english in _both())


def _both() -> list[tuple[str, str]]:
    french = [str(text) for text in words.PROBLEMS.values()]
    with override("en"):
        return list(zip(french, [str(text) for text in words.PROBLEMS.values()], strict=True))
