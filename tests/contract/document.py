"""The served OpenAPI document, and how to walk it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
from django.test import Client

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


@cache
def document() -> dict[str, Any]:
    """Return what is served."""
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    served: dict[str, Any] = orjson.loads(response.content)
    return served


def described() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and description of every operation."""
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method.upper(), path, operation


def body_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of an operation's JSON body. None: it takes none, such as a form with a file."""
    body = operation.get("requestBody")
    if body is None:
        return None
    schema: dict[str, Any] | None = body["content"].get("application/json", {}).get("schema")
    return schema


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference points at; any other schema as it is."""
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].removeprefix("#/components/schemas/")
    found: dict[str, Any] = document()["components"]["schemas"][name]
    return resolved(found)


def fields(schema: dict[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the place (``lines[].product``) and schema of every value that a body may have."""
    schema = resolved(schema)
    yield place, schema
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ()), *schema.get("oneOf", ())):
        yield from fields(part, place)
    if isinstance(schema.get("items"), dict):
        yield from fields(schema["items"], f"{place}[]")
    for name, inner in schema.get("properties", {}).items():
        yield from fields(inner, f"{place}.{name}" if place else name)


def ids_in_bodies() -> set[str]:
    """Return ``POST /orders lines[].product`` for every id that a body may have."""
    return {
        f"{method} {path.removeprefix('/api/v1')} {place}"
        for method, path, operation in described()
        if (schema := body_schema(operation)) is not None
        for place, field in fields(schema)
        if field.get("format") == "uuid"
    }
