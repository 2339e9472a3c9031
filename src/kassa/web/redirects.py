"""Sending a browser on after a form."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from kassa.web.language import requested_language


def see_other(url: str) -> HttpResponse:
    """Send the browser on after a form, so that loading the page again sends nothing twice."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def see_other_page(request: HttpRequest, path: str, **query: str) -> HttpResponse:
    """Send the browser on to another page, which stays in the language that this address names."""
    if language := requested_language(request):
        query["lang"] = language
    return see_other(f"{path}?{urlencode(query, safe='/:')}" if query else path)
