"""What is answered while the database is brought up to date, when nothing can be read from it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from kassa.core.errors import KassaError, UpgradeUnderWay
from kassa.core.static_files import serve_static_files
from kassa.runtime.front.answers import WITHOUT_BODY
from kassa.runtime.front.heads import build_environ
from kassa.runtime.front.refusals import refuse
from kassa.runtime.front.rsgi import HTTPProtocol, Scope


class Maintenance:
    """Tells everybody to come back in a moment, and serves the static files that the page of it needs."""

    def __init__(self) -> None:
        self._serve_file = serve_static_files(_not_found)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer a request without reading its body."""
        try:
            if not scope.path.startswith(settings.STATIC_URL):
                raise UpgradeUnderWay
            response: Any = self._serve_file(WSGIRequest(build_environ(scope, BytesIO(), 0)))
        except KassaError as error:
            refuse(error, scope, protocol, closes=True)
            return
        headers = list(response.items())
        if response.status_code in WITHOUT_BODY or scope.method == "HEAD":
            protocol.response_empty(response.status_code, headers)
        else:
            protocol.response_bytes(response.status_code, headers, response.content)


def _not_found(_request: HttpRequest) -> HttpResponseBase:
    return HttpResponse(status=404)
