"""Writes that a client may repeat: one ``Idempotency-Key``, one effect, one answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from kassa.api.auth import actor_of
from kassa.api.problems import answer_error, problem_response
from kassa.core.actor import Actor
from kassa.core.errors import InvalidInput, KassaError
from kassa.core.models import IdempotentAnswer

FORM = "multipart/form-data"
HEADER = "HTTP_IDEMPOTENCY_KEY"
MAX_KEY_LENGTH = 255


class KeyReused(InvalidInput):
    """The Idempotency-Key was used with another request."""

    code = "idempotency_key_reused"
    title = "The key belongs to another request"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was sent with another request. Use a new key for a new request."
        )


def read_key(request: HttpRequest) -> str | None:
    """Return the request's idempotency key, if it has one.

    Raises:
        InvalidInput: it is empty, too long, or not printable.
    """
    key: str | None = request.META.get(HEADER)
    if key is None:
        return None
    if not key.strip() or len(key) > MAX_KEY_LENGTH or not key.isprintable():
        raise InvalidInput(
            f"An Idempotency-Key has 1 to {MAX_KEY_LENGTH} printable characters.", field="Idempotency-Key"
        )
    return key


def fingerprint_of(request: HttpRequest, actor: Actor) -> bytes:
    """Return what makes two requests the same: who asks, method, address and body.

    The answer is repeated before any right is looked at, so only the same API key may have it. Of a form
    what it holds counts, since its boundary is another one each time it is sent.
    """
    digest = hashlib.sha256(f"{actor.id} {request.method} {request.get_full_path()}\n".encode())
    if request.content_type != FORM:
        digest.update(request.body)
        return digest.digest()
    for part in _parts_of_form(request):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def _parts_of_form(request: HttpRequest) -> list[bytes]:
    """Return the names and the contents of a form's parts; nothing of one that cannot be read.

    Raises:
        RequestDataTooBig: it is longer than any request may be.
    """
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = request.META.get("CONTENT_LENGTH") or ""
    if limit is not None and (not length.isdigit() or int(length) > limit):
        raise RequestDataTooBig
    try:
        fields, files = request.POST, request.FILES
    except (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent):
        return []
    parts = [text.encode() for name, values in sorted(fields.lists()) for text in (name, *map(str, values))]
    for name, several in sorted(files.lists()):
        for file in several:
            parts += [name.encode(), (file.name or "").encode(), file.read()]
            file.seek(0)
    return parts


def repeatable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a whole ninja view answer a repeated key with the first answer.

    The answer is kept in the transaction of the write itself, so that there is never one
    without the other. Refusals are not kept: they changed nothing, and may go well later.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            key = read_key(request)
            if key is None:
                return view(request, *args, **kwargs)
            actor = actor_of(request)
            fingerprint = fingerprint_of(request, actor)
        except KassaError as error:
            return answer_error(request, error)
        except RequestDataTooBig:
            return view(request, *args, **kwargs)
        organization_id = actor.organization_id
        try:
            with transaction.atomic():
                kept = IdempotentAnswer.unscoped.create(
                    organization_id=organization_id, key=key, fingerprint=fingerprint
                )
                response = view(request, *args, **kwargs)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
                    return response
                kept.status, kept.body = response.status_code, response.content
                kept.save(update_fields=["status", "body"])
                return response
        except IntegrityError:
            first = IdempotentAnswer.objects.of(organization_id).filter(key=key).first()
            if first is None:
                raise
            return _repeat(first, fingerprint)

    return answer


def _repeat(first: IdempotentAnswer, fingerprint: bytes) -> HttpResponse:
    if bytes(first.fingerprint) != fingerprint:
        return problem_response(KeyReused())
    response = HttpResponse(
        bytes(first.body or b""), status=first.status or 200, content_type="application/json; charset=utf-8"
    )
    response["Idempotent-Replayed"] = "true"
    return response
