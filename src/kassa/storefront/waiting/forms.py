"""What a visitor sends: take a place in the line, go in."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kassa.core.clock import utc_now
from kassa.core.form_origin import require_own_page
from kassa.core.rate_limits import TooManyRequests
from kassa.storefront.refusal_pages import PAGE_HEADERS, refusal_page
from kassa.storefront.visitors.limits import require_join
from kassa.storefront.waiting.addresses import next_address
from kassa.storefront.waiting.cookies import keep_pass, keep_place, place_in
from kassa.storefront.waiting.find import room_at
from kassa.storefront.waiting.pages import show_used_place
from kassa.waiting.domain.entries import enter, number_in
from kassa.waiting.domain.join import join_line
from kassa.waiting.errors import NotServedYet, NotWaiting, PlaceUnknown, PlaceUsed
from kassa.web.headers import set_headers
from kassa.web.language import requested_language
from kassa.web.redirects import see_other


# Django's own protection needs a cookie before the first form; the browser itself says whose page sent it.
@csrf_exempt
@never_cache
@require_POST
def take_place(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    """Give a browser its place in the line; one that has a place keeps it, without a write.

    With ``again`` it gives its place up for a new one, at the end.
    """
    require_own_page(request)  # another site could make a visitor give up their place
    now = utc_now()
    room = room_at(slug, event_id).room
    is_script = "application/json" in request.headers.get("Accept", "")
    if room is None:
        return JsonResponse({"number": None}) if is_script else see_other(next_address(request))
    number = None
    if "again" not in request.POST:
        try:
            number = number_in(room, place_in(request))
        except PlaceUnknown:
            number = None
    is_new = number is None
    if number is None:
        try:
            require_join(request, now=now)
            number = join_line(room, now=now)
        except TooManyRequests as refused:
            return _ask_to_wait(request, refused, is_script=is_script)
        except NotWaiting:
            if is_script:
                return JsonResponse({"number": None})
            return _back(request, slug, event_id)
    response = (
        JsonResponse({"number": number, "room": str(room.room_id)})
        if is_script
        else _back(request, slug, event_id)
    )
    if is_new:
        keep_place(response, room, number, slug=slug)
    return response


@csrf_exempt
@never_cache
@require_POST
def enter_shop(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    """Turn a place that was called into an entry, and go on to the shop."""
    require_own_page(request)  # another site could make a visitor give up their place
    now = utc_now()
    room = room_at(slug, event_id).room
    if room is None:
        return see_other(next_address(request))
    try:
        given = enter(room, token=place_in(request), now=now)
    except NotWaiting:
        return see_other(next_address(request))
    except (NotServedYet, PlaceUnknown):
        return _back(request, slug, event_id)
    except PlaceUsed:
        return show_used_place(request, room)
    response = see_other(next_address(request))
    keep_pass(response, event_id, given, now=now)
    return response


def _ask_to_wait(request: HttpRequest, refused: TooManyRequests, *, is_script: bool) -> HttpResponse:
    if is_script:
        response: HttpResponse = JsonResponse({}, status=refused.status)
    else:
        language = requested_language(request) or request.headers.get("Accept-Language", "")
        page = refusal_page(refused.code, accept_language=language)
        response = HttpResponse(page, status=refused.status, headers=PAGE_HEADERS)
    set_headers(response, refused.answer_headers)
    return response


def _back(request: HttpRequest, slug: str, event_id: UUID) -> HttpResponse:
    page = "waiting:line" if "plain" in request.POST else "waiting:room"
    query = f"?next={quote(next_address(request), safe='/')}"
    if language := requested_language(request):
        query += f"&lang={language}"
    return see_other(reverse(page, args=(slug, event_id)) + query)
