"""Collect every text that people read: pages, messages, documents, refusals, the API's reference, manual."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/kassa"
CODE = re.compile(r"```.*?```|``.*?``|`[^`]*`|<[^>]+>|\]\([^)]*\)", re.DOTALL)
ENGLISH, FRENCH = "en", "fr"
Text = tuple[str, str, str]
"""Where it stands, its language, and what it says."""


def list_texts() -> Iterator[Text]:
    yield from _catalogues()
    yield from _messages()
    yield from _waiting_room()
    yield from _scanner()
    yield from _modules()
    yield from _manual()


def _catalogues() -> Iterator[Text]:
    for path in sorted(SOURCE.rglob("locale/fr/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=FRENCH)
        for message in catalogue:
            if message.id:
                place = f"{path.relative_to(ROOT)}:{message.lineno or 0}"
                english = message.id if isinstance(message.id, str) else "\n".join(message.id)
                french = (
                    message.string if isinstance(message.string, str) else "\n".join(message.string or ())
                )
                yield place, ENGLISH, english
                yield place, FRENCH, CODE.sub(" ", french)


def _messages() -> Iterator[Text]:
    for path in sorted((SOURCE / "notifications/texts").rglob("*.md")):
        text = re.sub(r"{{.*?}}", "X", re.sub(r"{%.*?%}", "", path.read_text()))
        yield str(path.relative_to(ROOT)), path.parent.name, text.replace("Subject:", "")


def _waiting_room() -> Iterator[Text]:
    for path in sorted((SOURCE / "storefront/waiting/texts").glob("*.json")):
        for name, text in json.loads(path.read_text()).items():
            yield f"{path.relative_to(ROOT)}:{name}", path.stem, text


def _scanner() -> Iterator[Text]:
    path = SOURCE / "checkin/static/checkin/texts.js"
    pairs = re.finditer(r'(\w+): \[\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)",?\s*\]', path.read_text())
    for pair in pairs:
        place = f"{path.relative_to(ROOT)}:{pair[1]}"
        yield place, ENGLISH, pair[2]
        yield place, FRENCH, pair[3]


def _modules() -> Iterator[Text]:
    """Yield refusals, what the API's reference says, and the words of tickets, invoices and letters."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        is_errors, is_reference = path.name == "errors.py", path.is_relative_to(SOURCE / "api")
        for node in ast.walk(ast.parse(path.read_text())):
            for language, text in _texts_in(node, is_errors=is_errors, is_reference=is_reference):
                yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", language, CODE.sub("X", text)


def _texts_in(node: ast.AST, *, is_errors: bool, is_reference: bool) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Assign(targets=[ast.Name(id="title")], value=value) if is_errors:
            yield ENGLISH, _sentence(value)
        case ast.Raise(exc=ast.Call(args=values)):
            yield from ((ENGLISH, _sentence(value)) for value in values)
        case ast.Call(args=values) if is_errors:
            yield from ((ENGLISH, _sentence(value)) for value in values)
        case ast.keyword(arg="description" | "detail" | "summary", value=value):
            yield ENGLISH, _sentence(value)
        case ast.FunctionDef(decorator_list=[ast.Call(), *_]) if is_reference:
            docstring = (ast.get_docstring(node) or "").partition("\n\nRaises:")[0]
            yield ENGLISH, re.sub(r"\s*\n\s*", " ", docstring)
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if language := _language(key):
                    yield language, _sentence(value)
        case ast.Assign(targets=[ast.Name(id="_ENGLISH" | "_FRENCH" as name)], value=ast.Dict(values=values)):
            language = ENGLISH if name == "_ENGLISH" else FRENCH
            yield from ((language, _sentence(value)) for value in values)


def _language(key: ast.expr | None) -> str:
    """Return the language that a key of a table stands for; empty: it stands for none."""
    match key:
        case ast.Name(id="_EN") | ast.Attribute(attr="ENGLISH"):
            return ENGLISH
        case ast.Name(id="_FR") | ast.Attribute(attr="FRENCH"):
            return FRENCH
    return ""


def _sentence(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in parts)
    return ""


def _manual() -> Iterator[Text]:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for path in documents:
        # Decisions are never edited, and the page on words quotes what is not to be written.
        if path.parent.name != "decisions" and path.name != "words.md":
            yield str(path.relative_to(ROOT)), ENGLISH, _one_line_a_paragraph(CODE.sub("X", path.read_text()))


def _one_line_a_paragraph(text: str) -> str:
    """Return a document without the ends of lines inside paragraphs, so that sentences are whole."""
    return re.sub(r"(?<![\n|])\n(?![\n|#*0-9>-])[ ]*", " ", text)
