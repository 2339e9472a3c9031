"""The HTTP API: one ninja application, a router for each noun."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import BaseRenderer

from kassa import __version__
from kassa.api.problems import PROBLEM_SCHEMA, answer_error, problem_response
from kassa.api.routes import api_keys, organization
from kassa.core.errors import InvalidInput, KassaError

DESCRIPTION = """Sell whatever has a limited number of places.

Send your API key as `Authorization: Bearer <key>`. Amounts are decimal strings in the currency
beside them; moments are RFC 3339 in UTC. Repeat any write safely with an `Idempotency-Key`.
Errors are `application/problem+json` documents with a stable `code`.
"""


class _Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


api = NinjaAPI(
    title="Kassa",
    version=__version__,
    description=DESCRIPTION,
    renderer=_Renderer(),
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api-v1",
    openapi_extra={"components": {"schemas": {"Problem": PROBLEM_SCHEMA}}},
)


@api.exception_handler(KassaError)
@api.exception_handler(ValidationError)
@api.exception_handler(Exception)
def _problem(request: HttpRequest, error: Exception) -> HttpResponse:
    return answer_error(request, error)


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja raises this for a body that is not JSON at all."""
    return problem_response(InvalidInput("The body is not valid JSON.", field="body"))


api.add_router("", organization.router)
api.add_router("", api_keys.router)
