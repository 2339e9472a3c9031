"""Pages, sent compressed."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TYPES = ("text/html", "text/calendar", "text/xml", "application/xml", "image/svg+xml")


class CompressPages(GZipMiddleware):
    """Compress pages, calendars and pictures made of text; what the API answers stays as it is.

    The length of a compressed page tells whether what a stranger put into it occurs in it a second time
    (BREACH). None of our pages both holds a secret and repeats what another site may send: forms from other
    sites are refused. Beside that, Django lengthens each answer by a random number of bytes.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what is worth it."""
        if response.streaming or not response.headers.get("Content-Type", "").startswith(TYPES):
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed
