"""The reference of the API for people: the OpenAPI document as pages, one for each tag. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

METHODS = ("get", "post", "put", "patch", "delete")
REFERENCE = "#/components/schemas/"
CODE = re.compile(r"`([^`]+)`")
LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "{} characters or more",
    "maxLength": "{} characters at most",
    "minItems": "{} entries or more",
    "maxItems": "{} entries at most",
}
WRITTEN = {"uuid": "id", "date-time": "moment", "date": "day", "binary": "file", "base64": "file in base 64"}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a shape."""

    name: str
    place: str
    """``path``, ``query`` or ``header``; empty: in a body."""
    type: SafeString
    is_required: bool
    text: SafeString


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that an operation answers with."""

    status: str
    text: SafeString
    type: SafeString
    """Empty: without a body."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as its section shows it."""

    id: str
    method: str
    path: str
    summary: str
    text: SafeString
    permission: str
    """Empty: no key is asked for."""
    parameters: tuple[Field, ...]
    body: SafeString
    """The type of its body; empty: it takes none."""
    example: str
    """A body as JSON; empty: there is none."""
    answers: tuple[Answer, ...]
    problems: tuple[tuple[str, str], ...]
    """Codes of problems with their statuses."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An object that bodies and answers are made of."""

    name: str
    text: SafeString
    fields: tuple[Field, ...]
    values: tuple[str, ...]
    """What a text may be; empty: it is an object."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """All operations of one tag."""

    name: str
    slug: str
    text: SafeString
    operations: tuple[Operation, ...]
    shapes: tuple[Shape, ...]


def build_chapters(document: Mapping[str, Any]) -> list[Chapter]:
    """Return the chapters of a reference, in the order of the document's tags."""
    return [_chapter(document, tag) for tag in document["tags"]]


def format_prose(text: str) -> SafeString:
    """Return a description as HTML: paragraphs, and code between backquotes."""
    paragraphs = [part for part in re.split(r"\n\s*\n", text.strip()) if part]
    marked = (mark_safe(CODE.sub(r"<code>\1</code>", str(escape(part)))) for part in paragraphs)  # noqa: S308
    return format_html_join("", "<p>{}</p>", ((part,) for part in marked))


def _chapter(document: Mapping[str, Any], tag: Mapping[str, str]) -> Chapter:
    found = [
        (method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item and tag["name"] in item[method]["tags"]
    ]
    schemas: dict[str, Any] = document["components"]["schemas"]
    names = _reachable([operation for _, _, operation in found], schemas)
    return Chapter(
        name=tag["name"],
        slug=slugify(tag["name"]),
        text=format_prose(tag.get("description", "")),
        operations=tuple(_operation(*one, schemas) for one in found),
        shapes=tuple(_shape(name, schemas[name]) for name in names),
    )


def _operation(method: str, path: str, described: Mapping[str, Any], schemas: Mapping[str, Any]) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    body = next((one.get("schema") for one in content.values()), None)
    responses: Mapping[str, Any] = described["responses"]
    problems = {
        (code, str(status))
        for status, response in responses.items()
        for code in response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    }
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        text=format_prose(described.get("description", "")),
        permission=described.get("x-permission", ""),
        parameters=tuple(
            Field(
                one["name"], one["in"], _type(one["schema"]), one.get("required", False),
                _said(one.get("description", ""), one["schema"]),
            )
            for one in described["parameters"]
        ),
        body=_type(body) if body else SafeString(""),
        example=_example(body, schemas),
        answers=tuple(_answer(str(status), one) for status, one in responses.items() if str(status) < "4"),
        problems=tuple(sorted(problems, key=lambda one: (one[1], one[0]))),
    )  # fmt: skip


def _answer(status: str, response: Mapping[str, Any]) -> Answer:
    schema = next((one.get("schema") for one in response.get("content", {}).values()), None)
    text = format_prose(response["description"])
    return Answer(status, text, _type(schema) if schema else SafeString(""))


def _example(body: Mapping[str, Any] | None, schemas: Mapping[str, Any]) -> str:
    """Return an example of a body as JSON; empty: it has none."""
    for one in (body or {}, *(body or {}).get("anyOf", ())):
        schema = schemas.get(str(one.get("$ref", "")).removeprefix(REFERENCE), one)
        if examples := schema.get("examples"):
            return json.dumps(examples[0], indent=2, ensure_ascii=False)
    return ""


def _shape(name: str, schema: Mapping[str, Any]) -> Shape:
    required = set(schema.get("required", ()))
    fields = tuple(
        Field(field, "", _type(inner), field in required, _said(inner.get("description", ""), inner))
        for field, inner in schema.get("properties", {}).items()
    )
    text = format_prose(schema.get("description", ""))
    return Shape(name, text, fields, tuple(str(value) for value in schema.get("enum", ())))


def _said(text: str, schema: Mapping[str, Any]) -> SafeString:
    """Return what is said of a field, its limits and an example of it."""
    parts = [one for one in (schema, *schema.get("anyOf", ())) if isinstance(one, Mapping)]
    found = [(words, part.get(key)) for part in parts for key, words in LIMITS.items()]
    limits = [words.format(limit) for words, limit in found if limit is not None]
    examples = [f"`{value}`" for part in parts for value in part.get("examples", ())[:1] if value is not None]
    said = [text, f"{', '.join(limits).capitalize()}." if limits else ""]
    said += [f"Example: {examples[0]}." if examples else ""]
    return format_prose("\n\n".join(part for part in said if part))


def _type(schema: Mapping[str, Any]) -> SafeString:
    """Return what a value is, with a link to its shape."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE)
        return format_html('<a href="#{}">{}</a>', name, name)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            kinds = dict.fromkeys(_type(one) for one in schema[several])
            return format_html_join(" or ", "{}", ((kind,) for kind in kinds))
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return format_html_join(", ", "<code>{}</code>", ((value,) for value in values))
    if schema.get("type") == "array":
        return format_html("list of {}", _type(schema.get("items", {})))
    if isinstance(schema.get("additionalProperties"), Mapping):
        return format_html("object of {}", _type(schema["additionalProperties"]))
    kind = schema.get("format") or schema.get("type") or "any value"
    return format_html("{}", WRITTEN.get(str(kind), kind))


def _reachable(start: Any, schemas: Mapping[str, Any]) -> list[str]:
    """Return the names of all shapes that operations lead to, in alphabetical order."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in found and name != "Problem":
                found.add(name)
                waiting.append(schemas[name])
    return sorted(found)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(REFERENCE):
            yield reference.removeprefix(REFERENCE)
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _references(inner)
