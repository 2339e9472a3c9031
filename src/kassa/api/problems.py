"""Errors as ``application/problem+json`` (RFC 9457), in one place for every face."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import orjson
import psycopg
from django.core.exceptions import BadRequest as NotUnderstood
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import ValidationError
from psycopg import errors as postgres
from psycopg_pool import PoolTimeout

from kassa.api.breaker import note_failure
from kassa.api.validation import format_errors
from kassa.api.versions import ETAG, IF_MATCH
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.errors import (
    Busy,
    ChangedMeanwhile,
    InvalidInput,
    KassaError,
    Locked,
    NotFound,
    PermissionMissing,
)
from kassa.core.rate_limits import TooManyRequests
from kassa.identity.domain.refusal_log import record_refusal
from kassa.identity.enums import SecurityEventKind
from kassa.identity.errors import KeyInvalid, KeyMissing

logger = logging.getLogger("kassa.api")

MEDIA_TYPE = "application/problem+json"


def problem_document(error: KassaError) -> dict[str, Any]:
    """Return an error as RFC 9457 has it; ``code`` is what programs should look at."""
    return {
        "type": f"/api/v1/problems#{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        **error.details,
    }


def problem_response(error: KassaError) -> HttpResponse:
    """Answer with a problem document, and ``Retry-After`` where waiting helps."""
    response = HttpResponse(
        orjson.dumps(problem_document(error), default=str),
        content_type=MEDIA_TYPE,
        status=error.status,
        headers=error.answer_headers,
    )
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


class ServerFault(KassaError):
    """A mistake of ours; the details are in the log, not in the answer."""

    code = "server_fault"
    status = 500
    title = "Something went wrong on our side"


class MethodNotAllowed(KassaError):
    """The address exists but does not know this method; `allowed` lists those it does."""

    code = "method_not_allowed"
    status = 405
    title = "Not this way"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This address only knows {allowed}.", allowed=allowed)


class BadRequest(KassaError):
    """The request is not one that HTTP or Kassa understands."""

    code = "bad_request"
    status = 400
    title = "The request is not understood"


def answer_error(request: HttpRequest, error: Exception) -> HttpResponse:
    """Translate any exception into an answer; what is not expected is logged and hidden."""
    refusal = _refusal(error)
    if refusal is not None:
        _record(request, refusal)
        return problem_response(refusal)
    cause = error.__cause__ if isinstance(error, DatabaseError | InterfaceError) else error
    if isinstance(
        cause, postgres.LockNotAvailable | postgres.DeadlockDetected | postgres.SerializationFailure
    ):
        return problem_response(Locked("Another change of the same objects is under way. Try again."))
    if isinstance(error, DATABASE_AWAY):
        logger.warning("%s %s: the database did not answer: %s", request.method, request.path, error)
        note_failure(error)
        return problem_response(database_away())
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem_response(ServerFault("Something went wrong on our side. It has been logged; try again."))


RECORDED = {403: SecurityEventKind.REQUEST_FORBIDDEN, 429: SecurityEventKind.REQUEST_RATE_LIMITED}
"""Refusals that stand in the security log, by status."""


def _record(request: HttpRequest, refusal: KassaError) -> None:
    """Write into the security log that somebody asked for what they may not, or too often."""
    kind = RECORDED.get(refusal.status)
    if kind is None:
        return
    actor: Actor | None = request.__dict__.get("auth")
    match = request.resolver_match
    details = {
        "code": refusal.code,
        "operation": f"{request.method} /{match.route if match else ''}",
        **({"permission": refusal.details["permission"]} if "permission" in refusal.details else {}),
    }
    organization_id = actor.organization_id if actor else None
    record_refusal(kind, now=utc_now(), organization_id=organization_id, actor=actor, details=details)


def _refusal(error: Exception) -> KassaError | None:
    """Return what a client is told of its own mistake. Null: it is none of theirs."""
    match error:
        case KassaError():
            return error
        case ValidationError():
            return invalid_input(error.errors)
        case Http404():
            return NotFound("There is nothing at this address.")
        case SuspiciousOperation() | NotUnderstood():  # such as a host that is none, or too many fields
            return BadRequest("The request is not understood. Check its host, headers and address.")
    return None


DATABASE_AWAY = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolTimeout,
)
"""What is raised when the database does not answer: by Django, by statements of our own, by the pool."""


def database_away() -> Busy:
    """Return what is answered while the database does not answer."""
    return Busy("The database does not answer just now. Try again.")


def invalid_input(errors: Iterable[dict[str, Any]]) -> InvalidInput:
    """Return pydantic's findings as one problem that lists every field."""
    found = format_errors(errors)
    fields = ", ".join(sorted({entry["field"] for entry in found if entry["field"]})) or "the body"
    return _ManyInvalid(f"Look at {fields}.", errors=found)


class _ManyInvalid(InvalidInput):
    def __init__(self, detail: str, *, errors: list[dict[str, Any]]) -> None:
        KassaError.__init__(self, detail, errors=errors)


PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, after RFC 9457. Decide by `code`; show `detail` to people.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}


_WAIT: dict[str, Any] = {
    "schema": {"type": "integer", "minimum": 0},
    "description": "Seconds after which to try again.",
}
_RATE_LIMIT: dict[str, Any] = {
    "schema": {"type": "string", "examples": ['"api_key";r=0;t=2']},
    "description": "The limit that was reached: `r` is how many requests are left, `t` the seconds to wait.",
}
_RATE_LIMIT_POLICY: dict[str, Any] = {
    "schema": {"type": "string", "examples": ['"api_key";q=300;w=3']},
    "description": "The same limit: `q` requests in a window of `w` seconds.",
}
_SCHEME: dict[str, Any] = {
    "schema": {"type": "string"},
    "description": "How to say who is asking.",
    "required": True,
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "required": False,
    "description": "A name of your own for this request. Sent again under the same name it has no second "
    "effect, and is answered as before.",
}


def _headers(errors: Iterable[type[KassaError]]) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    for error in errors:
        if error.status == 401:
            headers["WWW-Authenticate"] = _SCHEME
        if error.retry_after is not None:
            headers["Retry-After"] = _WAIT
        if error.status == 429:
            headers["RateLimit"] = _RATE_LIMIT
            headers["RateLimit-Policy"] = _RATE_LIMIT_POLICY
    return headers


def problems(*errors: type[KassaError]) -> dict[str, Any]:
    """Describe in OpenAPI which problems an operation answers with, grouped by status."""
    by_status: dict[int, list[type[KassaError]]] = {}
    for error in errors:
        by_status.setdefault(error.status, []).append(error)
    return {
        "responses": {
            status: {
                "headers": _headers(group),
                "description": "\n\n".join(
                    f"`{error.code}`: {(error.__doc__ or error.title).strip().splitlines()[0]}"
                    for error in group
                ),
                "content": {
                    MEDIA_TYPE: {
                        "schema": {"$ref": "#/components/schemas/Problem"},
                        "examples": {
                            error.code: {
                                "value": {
                                    "type": f"/api/v1/problems#{error.code}",
                                    "title": error.title,
                                    "status": error.status,
                                    "code": error.code,
                                    "detail": (error.__doc__ or error.title).strip().splitlines()[0],
                                }
                            }
                            for error in group
                        },
                    }
                },
            }
            for status, group in sorted(by_status.items())
        }
    }


def reading(*more: type[KassaError], has_version: bool = False) -> dict[str, Any]:
    """Describe the problems of an operation that reads, and those of its own.

    ``has_version``: its answer has an ``ETag``.
    """
    described = problems(
        KeyMissing, KeyInvalid, PermissionMissing, InvalidInput, TooManyRequests, Busy, *more
    )
    if has_version:
        described["responses"][200] = {"headers": {"ETag": ETAG}}
    return described


def writing(*more: type[KassaError], version_status: int | None = None) -> dict[str, Any]:
    """Describe the problems of an operation that writes, and those of its own.

    One that can refuse a reused key is one that takes an ``Idempotency-Key``. One that can refuse to
    overwrite a newer version takes ``If-Match`` and answers with an ``ETag``, as one does that names the
    ``version_status`` of its answer.
    """
    described = problems(
        KeyMissing, KeyInvalid, PermissionMissing, Locked, InvalidInput, TooManyRequests, Busy, *more
    )
    if any(error.code.endswith("key_reused") for error in more):
        described["parameters"] = [IDEMPOTENCY_KEY]
    if ChangedMeanwhile in more:
        described["parameters"] = [*described.get("parameters", ()), IF_MATCH]
        version_status = version_status or 200
    if version_status is not None:
        described["responses"][version_status] = {"headers": {"ETag": ETAG}}
    return described
