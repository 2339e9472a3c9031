"""``/api/v1/problems``: the page that a problem's ``type`` points at."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kassa.api.page_headers import HEADERS
from kassa.core.errors import KassaError


def list_problems(request: HttpRequest) -> HttpResponse:
    """Show every problem there is, by code, with what it means."""
    problems = sorted(every_problem(), key=lambda one: str(one["code"]))
    response = render(request, "api/problems.html", {"problems": problems})
    for name, value in HEADERS.items():
        response[name] = value
    return response


def every_problem() -> Iterator[dict[str, object]]:
    """Yield each code once, with its status, title and meaning."""
    seen: set[str] = set()
    pending = [KassaError]
    while pending:
        error = pending.pop()
        pending.extend(error.__subclasses__())
        if "code" in vars(error) and error.code not in seen and error is not KassaError:
            seen.add(error.code)
            meaning = (error.__doc__ or error.title).strip().splitlines()[0]
            yield {"code": error.code, "status": error.status, "title": error.title, "meaning": meaning}
