"""Every address of Kassa."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from kassa.api.application import api
from kassa.api.problems import problem_response
from kassa.core.errors import NotFound


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; it asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


def nothing_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that does not exist."""
    return problem_response(NotFound("There is nothing at this address."))


urlpatterns = [
    path("healthz", healthz),
    path("api/v1/", api.urls),
]
handler404 = "kassa.urls.nothing_here"
