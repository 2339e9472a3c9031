"""What a view of this API is given, and what it answers with."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from kassa.core.actor import Actor
from kassa.core.command_context import CommandContext, build_context


class ApiRequest(HttpRequest):
    """A request that has passed :class:`kassa.api.auth.Requires`."""

    auth: Actor


def command_context(request: ApiRequest, reason: str | None = None) -> CommandContext:
    """Return who changes something now, why, and from where."""
    return build_context(request.auth, reason=reason or "")


def json_of(document: Any, *, status: int = 200) -> HttpResponse:
    """Answer with a document that has the described shape already."""
    return HttpResponse(orjson.dumps(document), content_type="application/json", status=status)


def replayed(response: HttpResponse) -> HttpResponse:
    """Say in the answer that the thing was made by an earlier request under the same key."""
    response["Idempotent-Replayed"] = "true"
    return response
