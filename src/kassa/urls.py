"""Every address of Kassa."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from kassa.api.application import api
from kassa.api.description_view import show_description
from kassa.api.problem_list import list_problems
from kassa.api.problems import BadRequest, ServerFault, problem_response
from kassa.api.reference_view import chapter, overview
from kassa.api.webhooks import receive
from kassa.core.errors import NotFound
from kassa.storefront.shop_pages import missing_page


def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; it asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


def nothing_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that does not exist: with a page where a browser has asked for one."""
    if "text/html" in request.headers.get("Accept", "") and not request.path.startswith("/api/"):
        return missing_page(request)
    return problem_response(NotFound("There is nothing at this address."))


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself turns away, such as a host it does not know."""
    return problem_response(BadRequest("The request is not understood. Check its host, headers and address."))


def our_fault(request: HttpRequest) -> HttpResponse:
    """Answer what nothing else has caught."""
    return problem_response(ServerFault("Something went wrong on our side. It has been logged; try again."))


urlpatterns = [
    path("api/v1/", api.urls),  # first: what an on-sale asks for looks at no other
    path("api/v1/problems", list_problems),
    path("api/v1/docs", overview),
    path("api/v1/docs/<slug:slug>", chapter),
    path("api/v1/openapi.json", show_description),
    path("healthz", healthz),
    path("checkin/", include("kassa.checkin.urls")),
    path("waiting/", include("kassa.storefront.waiting.urls")),
    path("webhooks/<str:provider>", receive),
    path("webhooks/<str:provider>/<uuid:organization_id>", receive),
    path("mailbox/", include("kassa.mailbox.urls")),
    path("", include("kassa.storefront.links.urls")),
]
if settings.DEMO_PAYMENTS:
    urlpatterns.append(path("demo-bank/", include("kassa.integrations.demo_bank.urls")))
if settings.MAIL_WEBHOOK_SECRET:
    urlpatterns.append(path("anymail/", include("anymail.urls")))
# The shops stand last: what their addresses begin with is each organisation's own choice.
urlpatterns += [
    path("account/", include("kassa.storefront.account.urls")),
    path("", include("kassa.storefront.shop.urls")),
    path("", include("kassa.storefront.look.urls")),
    path("", include("kassa.storefront.choose.urls")),
    path("", include("kassa.storefront.checkout.urls")),
]
handler400 = "kassa.urls.not_understood"
handler404 = "kassa.urls.nothing_here"
handler500 = "kassa.urls.our_fault"
