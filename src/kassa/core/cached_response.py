"""Answers that a client may keep: under a tag, compressed for those who take it, and sent once (RFC 9110)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags

Body = bytes | Callable[[], bytes]
"""Bytes, or what makes them, asked only if they are sent."""


def cached_response(
    request: HttpRequest,
    body: Body,
    *,
    etag: str,
    cache_control: str,
    content_type: str = "application/json",
    compressed: Body | None = None,
    vary: str = "",
) -> HttpResponse:
    """Answer a GET or HEAD with a body, or say that the client has it already.

    Args:
        etag: quoted. A strong one names bytes: the compressed form is sent under another one. A weak one
            (``W/"…"``) names the content in both forms.
        compressed: the same with gzip. None: there is no such form.
        vary: names of headers. Empty: what is sent depends on no header but, if there is a compressed form,
            ``Accept-Encoding``.
    """
    is_compressed = compressed is not None and accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    if is_compressed and not etag.startswith("W/"):
        etag = f'{etag[:-1]}-gzip"'
    seen = request.META.get("HTTP_IF_NONE_MATCH")
    response: HttpResponse
    if seen is not None and is_matched(seen, etag):
        response = HttpResponseNotModified()
    else:
        chosen = compressed if is_compressed and compressed is not None else body
        content = chosen if isinstance(chosen, bytes) else chosen()
        response = HttpResponse(b"" if request.method == "HEAD" else content, content_type=content_type)
        response.headers["Content-Length"] = str(len(content))
        if is_compressed:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cache_control
    if vary or compressed is not None:
        response.headers["Vary"] = vary or "Accept-Encoding"
    return response


def is_matched(if_none_match: str, etag: str) -> bool:
    """Say whether ``If-None-Match`` names a tag: in a list, as ``*``, compared weakly."""
    if if_none_match == etag:
        return True
    named = parse_etags(if_none_match)
    return named == ["*"] or etag.removeprefix("W/") in [one.removeprefix("W/") for one in named]


@lru_cache(maxsize=200)
def accepts_gzip(accept_encoding: str) -> bool:
    """Say whether ``Accept-Encoding`` takes gzip: by its name or as ``*``, and not with a weight of zero."""
    weights = {}
    for one in accept_encoding.lower().split(","):
        coding, _, parameters = one.partition(";")
        name, _, weight = parameters.replace(" ", "").partition("=")
        weights[coding.strip()] = weight if name == "q" else "1"
    weight = weights.get("gzip", weights.get("x-gzip", weights.get("*", "0")))
    return weight.strip("0.") != ""
