"""Pages that are the same for everybody, kept as ready bytes for a moment."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

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
        etag=hashlib.blake2b(body, digest_size=10).hexdigest(),
        headers=headers,
    )


def send_page(request: HttpRequest, page: KeptPage) -> HttpResponse:
    """Answer with a page, or only say that the browser has it already."""
    packed = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    # A strong tag names bytes, and these are others when they are compressed.
    etag = f'"{page.etag}-gzip"' if packed else f'"{page.etag}"'
    if etag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(page.compressed if packed else page.body)
        if packed:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    for name, value in page.headers.items():
        response.headers[name] = value
    return response


def to_its_address(request: HttpRequest, address: str) -> HttpResponse | None:
    """Send a browser on that has asked for a page by another address than its own. None: it has not."""
    if request.path == address:
        return None
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
