"""What stands around every request: no stack trace ever reaches a client."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from kassa.api.breaker import is_away
from kassa.api.problems import MethodNotAllowed, answer_error, database_away, problem_response
from kassa.api.routes.availability import answer_quickly
from kassa.core.request_origin import begin_request, end_request

HEALTH = "/healthz"
UNVERSIONED_ORDERS = "/api/orders"
"""The addresses of order-service.md, which are those of ``/api/v1/orders``."""


def answer_with_problems(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Turn whatever a view raises into a problem document."""
    return _AnswerWithProblems(get_response)


class _AnswerWithProblems:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_away() and request.path_info != HEALTH:
            return problem_response(database_away())
        if request.path_info.startswith(UNVERSIONED_ORDERS):
            request.path_info = request.path_info.replace("/api/", "/api/v1/", 1)
        asked = request.method
        is_head = asked == "HEAD" and request.path_info.startswith("/api/")
        if is_head:
            # Ninja knows no HEAD: it is a GET of which the body is not sent.
            request.method = "GET"
        token = begin_request(request)
        try:
            response = answer_quickly(request) or self.get_response(request)
        finally:
            end_request(token)
        if response.status_code == 405:
            response = _not_allowed(asked, response.headers.get("Allow", ""))
        if isinstance(response, HttpResponse) and not response.has_header("Content-Length"):
            # Without it the server would send the answer in chunks, which clients read more slowly.
            response["Content-Length"] = str(len(response.content))
        if is_head and isinstance(response, HttpResponse):
            response.content = b""
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404):
            return None  # As for an address that no view has: a page for browsers, a problem for programs.
        return answer_error(request, exception)


def _not_allowed(asked: str | None, methods: str) -> HttpResponse:
    """Answer a method that the address does not have; ``OPTIONS`` asks just for those it has."""
    known = {method.strip() for method in methods.split(",") if method.strip()} | {"OPTIONS"}
    allowed = ", ".join(sorted(known | ({"HEAD"} if "GET" in known else set())))
    if asked == "OPTIONS":
        response = HttpResponse(status=204)
        del response["Content-Type"]
    else:
        response = problem_response(MethodNotAllowed(allowed))
    response["Allow"] = allowed
    return response
