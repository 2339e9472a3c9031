"""``/api/v1/docs``: the reference as pages that need no script and load nothing from other hosts."""

from __future__ import annotations

import hashlib
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from kassa.api.description_view import api_document
from kassa.api.page_headers import HEADERS
from kassa.api.reference import Chapter, build_chapters, format_prose
from kassa.core.cached_response import cached_response


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show all operations by tag, each a link to its section."""
    return _send(request, _overview())


@require_safe
def chapter(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the operations of one tag with all they take and answer."""
    if slug not in _chapters():
        raise Http404
    return _send(request, _page(slug))


@cache
def _chapters() -> dict[str, Chapter]:
    return {one.slug: one for one in build_chapters(api_document())}


@cache
def _overview() -> bytes:
    info = api_document()["info"]
    context = {"chapters": _chapters().values(), "version": info["version"]}
    return render_to_string(
        "api/reference.html", {**context, "text": format_prose(info["description"])}
    ).encode()


@cache
def _page(slug: str) -> bytes:
    context = {"chapters": _chapters().values(), "chapter": _chapters()[slug]}
    return render_to_string("api/reference_chapter.html", context).encode()


def _send(request: HttpRequest, body: bytes) -> HttpResponse:
    etag = f'"{hashlib.blake2b(body, digest_size=10).hexdigest()}"'
    kind = "text/html; charset=utf-8"
    response = cached_response(
        request, body, etag=etag, cache_control=HEADERS["Cache-Control"], content_type=kind
    )
    for name, value in HEADERS.items():
        response[name] = value
    return response
