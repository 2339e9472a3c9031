"""Pages that are the same for everybody, kept as ready bytes for a moment."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from kassa.core.cached_response import cached_response

KEPT_SECONDS = 1.0
"""How old a page may be."""
GZIP_LEVEL = 6


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page as it goes over the wire, in both forms."""

    path: str
    """Its one address; whoever asks for it by another is sent there."""
    body: bytes
    compressed: bytes
    etag: str
    headers: Mapping[str, str]


def keep_page(path: str, write: Callable[[], str], *, headers: Mapping[str, str]) -> KeptPage:
    """Write a page and make it ready to be sent."""
    body = write().encode()
    return KeptPage(
        path=path,
        body=body,
        compressed=gzip.compress(body, GZIP_LEVEL, mtime=0),
        etag=f'"{hashlib.blake2b(body, digest_size=10).hexdigest()}"',
        headers=headers,
    )


def send_page(request: HttpRequest, page: KeptPage) -> HttpResponse:
    """Answer with a page, or only say that the browser has it already."""
    response = cached_response(
        request,
        page.body,
        etag=page.etag,
        cache_control="private, no-cache",
        content_type="text/html; charset=utf-8",
        compressed=page.compressed,
        vary="Accept-Encoding, Accept-Language, Cookie",
    )
    for name, value in page.headers.items():
        response.headers[name] = value
    return response


def to_its_address(request: HttpRequest, address: str) -> HttpResponse | None:
    """Send a browser on that has asked for a page by another address than its own. None: it has not."""
    if request.path == address:
        return None
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
