"""Answers that are the same for everybody: kept as ready bytes, compressed, with a tag."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from kassa.core.cached_response import cached_response


@dataclass(frozen=True, slots=True)
class ReadyResponse:
    """One body, as it is and compressed."""

    content_type: str
    body: bytes
    etag: str
    compressed: bytes | None
    """None: it would not be smaller, or is compressed already."""

    def answer(self, request: HttpRequest, *, cache_control: str) -> HttpResponse:
        """Answer with it, or say that the client has it already."""
        return cached_response(
            request,
            self.body,
            etag=self.etag,
            cache_control=cache_control,
            content_type=self.content_type,
            compressed=self.compressed,
            vary="Accept-Encoding",
        )


def make_ready(body: bytes, *, content_type: str, is_text: bool = True) -> ReadyResponse:
    """Compress a body where it is worth it, and tag both forms."""
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    packed = gzip.compress(body, 9, mtime=0) if is_text else body
    return ReadyResponse(
        content_type=content_type,
        body=body,
        etag=f'"{digest}"',
        compressed=packed if len(packed) < len(body) else None,
    )
