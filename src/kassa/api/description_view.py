"""``/api/v1/openapi.json``: made once in each process, since it takes most of a second."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from ninja.responses import NinjaJSONEncoder

from kassa.api.application import api
from kassa.core.ready_response import ReadyResponse, make_ready

FOR_FIVE_MINUTES = "public, max-age=300"
_making = threading.Lock()


@require_safe
def show_description(request: HttpRequest) -> HttpResponseBase:
    """Send the description of the API. Anybody may have it, so it must cost nothing."""
    return get_ready_description().answer(request, cache_control=FOR_FIVE_MINUTES)


def api_document() -> Mapping[str, Any]:
    """Return the description. The first of those who ask makes it, and the others wait."""
    with _making:
        return _document()


@cache
def _document() -> Mapping[str, Any]:
    return dict(api.get_openapi_schema())


@cache
def get_ready_description() -> ReadyResponse:
    """Return the description as it is sent; the first call makes it."""
    document = json.dumps(api_document(), cls=NinjaJSONEncoder, separators=(",", ":"))
    return make_ready(document.encode(), content_type="application/json")
