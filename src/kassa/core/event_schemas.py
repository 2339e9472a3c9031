"""JSON schemas, and the fields that are about a person, from the types of an event's data."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}


@dataclass(frozen=True, slots=True)
class Format:
    """How a string is written, by its name in JSON Schema."""

    name: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that a string matches."""

    regex: str


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks a field that is about a person, and says how it reads once that person is erased.

    ``owners`` are the fields with the person's e-mail address, in the same object or one around it, such as
    ``customer.email``; one of them is enough. ``otherwise`` counts if all of them are empty.
    """

    erased: Any = field(hash=False)
    owners: tuple[str, ...] = ("email",)
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class PersonalAddress:
    """Marks the e-mail address of a person: wherever it stands, nobody's takes its place."""


def build_schema(hint: Any, *, closed: bool = False) -> dict[str, Any]:
    """Return the JSON schema of a type; ``closed``: nothing may stand there that is not declared.

    Raises:
        TypeError: the type has no form in JSON.
    """
    if hint is Any:
        return {}
    if hint in SIMPLE:
        return {"type": SIMPLE[hint]}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [str(member.value) for member in hint]}
    if parts := dict(list_fields(hint)):
        return _object(hint, parts, closed=closed)
    return _generic(hint, closed=closed)


def list_fields(hint: Any) -> Iterator[tuple[str, Any]]:
    """Go through the fields of a dataclass or a ``TypedDict`` with their types; nothing else has any."""
    if is_typeddict(hint):
        yield from get_type_hints(hint, include_extras=True).items()
    elif isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint, include_extras=True)
        for one in fields(hint):
            yield one.name, hints[one.name]


def strip_markers(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return a type without ``Annotated`` and ``NotRequired``, and what it was annotated with."""
    markers: tuple[Any, ...] = ()
    while get_origin(hint) in (Annotated, NotRequired):
        inner, *more = get_args(hint)
        hint, markers = inner, markers + tuple(more)
    return hint, markers


def list_personal_fields(hint: Any, path: str = "") -> Iterator[str]:
    """Go through the paths of a type's fields that are about a person, such as ``customer.email``."""
    hint, markers = strip_markers(hint)
    if any(isinstance(marker, Personal | PersonalAddress) for marker in markers):
        yield path
        return
    for name, part in list_fields(hint):
        yield from list_personal_fields(part, f"{path}.{name}" if path else name)
    if get_origin(hint) in (list, Union, types.UnionType):
        for part in get_args(hint):
            yield from list_personal_fields(part, path)


def _object(hint: Any, parts: dict[str, Any], *, closed: bool) -> dict[str, Any]:
    required = [name for name, part in parts.items() if get_origin(part) is not NotRequired]
    schema = {
        "type": "object",
        "properties": {name: build_schema(part, closed=closed) for name, part in parts.items()},
        "required": required,
    }
    return {**schema, "additionalProperties": False} if closed else schema


def _generic(hint: Any, *, closed: bool) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Annotated, NotRequired):
        inner, markers = strip_markers(hint)
        return {**build_schema(inner, closed=closed), **_describe(markers)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [build_schema(part, closed=closed) for part in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": build_schema(arguments[0], closed=closed)}
    if origin is dict:
        return {"type": "object", "additionalProperties": build_schema(arguments[1], closed=closed)}
    raise TypeError(f"{hint!r} has no form in JSON.")


def _describe(markers: tuple[Any, ...]) -> dict[str, Any]:
    described: dict[str, Any] = {}
    for marker in markers:
        if isinstance(marker, Format):
            described["format"] = marker.name
        elif isinstance(marker, Pattern):
            described["pattern"] = marker.regex
    return described
