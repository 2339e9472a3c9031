"""``/api/v1/problems``: the page that a problem's ``type`` points at."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from kassa.api.page_headers import HEADERS
from kassa.core.errors import KassaError
from kassa.core.ready_response import ReadyResponse, make_ready


@require_safe
def list_problems(request: HttpRequest) -> HttpResponseBase:
    """Show every problem there is, by code, with what it means."""
    response = _page().answer(request, cache_control="public, max-age=300")
    for name, value in HEADERS.items():
        response[name] = value
    return response


@cache
def _page() -> ReadyResponse:
    found = sorted(every_problem(), key=lambda problem: str(problem["code"]))
    page = render_to_string("api/problems.html", {"problems": found})
    return make_ready(page.encode(), content_type="text/html; charset=utf-8")


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
