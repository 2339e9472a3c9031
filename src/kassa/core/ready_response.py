"""Answers that are the same for everybody: kept as ready bytes, compressed, with a tag."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

ACCEPTS_GZIP = re.compile(r"\bgzip\b")


@dataclass(frozen=True, slots=True)
class ReadyResponse:
    """One body, as it is and compressed."""

    content_type: str
    body: bytes
    etag: str
    compressed: bytes | None
    """None: it would not be smaller, or is compressed already."""
    compressed_etag: str

    def answer(self, request: HttpRequest, *, cache_control: str) -> HttpResponseBase:
        """Answer with it, or say that the client has it already."""
        wants_gzip = ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")) is not None
        body, etag = self.body, self.etag
        if packed := self.compressed if wants_gzip else None:
            body, etag = packed, self.compressed_etag
        response = HttpResponse(b"" if request.method == "HEAD" else body, content_type=self.content_type)
        response["Content-Length"] = str(len(body))
        if packed:
            response["Content-Encoding"] = "gzip"
        response["Cache-Control"] = cache_control
        response["ETag"] = etag
        response["Vary"] = "Accept-Encoding"
        return get_conditional_response(request, etag=etag, response=response) or response


def make_ready(body: bytes, *, content_type: str, is_text: bool = True) -> ReadyResponse:
    """Compress a body where it is worth it, and tag both forms."""
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    packed = gzip.compress(body, 9, mtime=0) if is_text else body
    return ReadyResponse(
        content_type=content_type,
        body=body,
        etag=f'"{digest}"',
        compressed=packed if len(packed) < len(body) else None,
        compressed_etag=f'"{digest}-gzip"',
    )
