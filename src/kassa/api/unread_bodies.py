"""Bodies: an operation that reads none refuses one with something in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja.operation import Operation

from kassa.core.errors import InvalidInput

EMPTY_BODIES = frozenset([b"", b"{}", b"null"])
BODY_SOURCES = frozenset(["body", "form", "file"])


def takes_a_body(operation: Operation) -> bool:
    """Say whether an operation reads a body, as JSON or as a form."""
    is_form = "requestBody" in (operation.openapi_extra or {})
    return is_form or any(model.__ninja_param_source__ in BODY_SOURCES for model in operation.models)


def has_content(request: HttpRequest) -> bool:
    """Say whether a request has a body with something in it."""
    if request.META.get("CONTENT_LENGTH") in (None, "", "0"):
        return False
    return request.body.strip() not in EMPTY_BODIES


def refuse_unread_body(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view that reads no body run only if none was sent.

    Its content would otherwise be passed over in silence: a refund that is tried again with
    ``{"dry_run": true}`` would be sent. Empty objects are let through.
    """
    operation = view._ninja_operation  # type: ignore[attr-defined]  # noqa: SLF001  # ninja leaves it there
    if takes_a_body(operation) or operation.methods == ["GET"]:
        return view

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if has_content(request):
            raise InvalidInput("This operation takes no body. Leave it out.", field="body")
        return view(request, *args, **kwargs)

    return answer
