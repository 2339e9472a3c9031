"""The pages that everybody opens at once, answered before anything else is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from psycopg_pool import PoolTimeout

from kassa.core.errors import KassaError
from kassa.storefront.shop.event_page import answer_event
from kassa.storefront.shop_pages import finish, page_language
from kassa.storefront.shops import shop_named

EVENT = re.compile(r"/([-\w]+)/events/(?:[^/]*-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.ASCII)

Answer = Callable[[HttpRequest], HttpResponseBase]


def answer_events(get_response: Answer) -> Answer:
    """Answer the page of an event without looking for its address first, which costs more than the answer."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        found = EVENT.fullmatch(request.path_info)
        if found is not None and request.method == "GET":
            try:
                shop = shop_named(found[1])
                language = page_language(request, shop)
                return finish(request, answer_event(request, shop, UUID(found[2]), language=language))
            except (KassaError, DatabaseError, InterfaceError, PoolTimeout):
                pass  # the usual way says what is wrong
        return get_response(request)

    return answer
