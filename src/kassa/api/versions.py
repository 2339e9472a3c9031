"""Versions over HTTP: ``ETag`` says which one was read, ``If-Match`` which one is to be changed (RFC 9110).

A version is an object's ``updated_at``, in microseconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kassa.core.errors import InvalidInput

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ENTITY_TAG = re.compile(r'"(\d{1,17})"')

IF_MATCH: dict[str, Any] = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string", "examples": ['"1798794000000000"']},
    "required": False,
    "description": "The `ETag` of the state that you have read: if somebody has changed it since, nothing is "
    "done and the answer is 412. Left out, or `*`, the last one to write wins.",
}
ETAG: dict[str, Any] = {
    "schema": {"type": "string", "examples": ['"1798794000000000"']},
    "description": "The version of what was answered, for `If-Match`.",
}


def format_entity_tag(version: datetime) -> str:
    """Return the entity tag of a version."""
    return f'"{(version - EPOCH) // MICROSECOND}"'


def expected_version(request: HttpRequest) -> datetime | None:
    """Return the version that a client wants to change. None: whichever there is.

    Raises:
        InvalidInput: ``If-Match`` is not one entity tag of this API.
    """
    given = request.META.get("HTTP_IF_MATCH", "").strip()
    if given in ("", "*"):
        return None
    match = ENTITY_TAG.fullmatch(given)
    if match is None:
        raise InvalidInput("If-Match takes the ETag of one answer, as it was sent.", field="If-Match")
    return EPOCH + int(match[1]) * MICROSECOND


class MaybeVersioned(Protocol):
    """An object that may have a version."""

    @property
    def updated_at(self) -> datetime | None:
        """None: it was never set up, and there is nothing to overwrite."""


def show_version(request: HttpRequest, row: MaybeVersioned) -> None:
    """Let the answer say which version of an object it shows."""
    request.__dict__["version"] = row.updated_at


def add_entity_tag(request: HttpRequest, response: HttpResponseBase) -> None:
    """Add ``ETag`` to the answer of a view that has shown a version."""
    version: datetime | None = request.__dict__.get("version")
    if version is not None and response.status_code < 400:
        response["ETag"] = format_entity_tag(version)
