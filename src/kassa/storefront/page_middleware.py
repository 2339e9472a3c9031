"""What stands around every address but the API's, as one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kassa.core.compression import CompressPages
from kassa.core.static_files import serve_static_files
from kassa.storefront.shop.own_domain import serve_own_domains
from kassa.storefront.shop.quickly import answer_events
from kassa.storefront.waiting.now import answer_now

API = "/api/"
Answer = Callable[[HttpRequest], HttpResponseBase]


def answer_pages(get_response: Answer) -> Answer:
    """Put the chain around pages; a call of the API, such as an order, pays for one comparison."""
    chain = cast("Answer", CompressPages(get_response))
    for middleware in (serve_static_files, answer_events, answer_now, serve_own_domains):
        chain = middleware(chain)

    def answer(request: HttpRequest) -> HttpResponseBase:
        return get_response(request) if request.path_info.startswith(API) else chain(request)

    return answer
