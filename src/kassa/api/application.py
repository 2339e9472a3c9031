"""The HTTP API: one ninja application, a router for each noun."""

from __future__ import annotations

from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError
from ninja.renderers import BaseRenderer

from kassa import __version__
from kassa.api.description import DescribedAPI
from kassa.api.problems import answer_error, problem_response
from kassa.api.query_parameters import refuse_unknown_parameters
from kassa.api.routes import (
    api_keys,
    availability,
    carts,
    checkin_devices,
    checkin_lists,
    checkins,
    coupons,
    event_refunds,
    event_seats,
    events,
    invitations,
    invoices,
    members,
    message_templates,
    messages,
    orders,
    organization,
    organization_domain,
    payment_providers,
    payments,
    payouts,
    pictures,
    products,
    questions,
    quotas,
    refunds,
    seat_layouts,
    security_events,
    signing_keys,
    tax_rules,
    ticket_designs,
    ticket_documents,
    ticket_types,
    tickets,
    transactions,
    uploads,
    waiting_rooms,
    wallet_accounts,
    webhook_events,
)
from kassa.api.unread_bodies import refuse_unread_body
from kassa.core.errors import BodyTooLarge, InvalidInput, KassaError

DESCRIPTION = """Sell whatever has a limited number of places.

Send your API key as `Authorization: Bearer <key>`. Amounts are decimal strings in the currency
beside them; moments are RFC 3339 in UTC. Repeat safely what makes something with an
`Idempotency-Key`. Errors are `application/problem+json` documents with a stable `code`.
"""


class _Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


api = DescribedAPI(
    title="Kassa",
    version=__version__,
    description=DESCRIPTION,
    renderer=_Renderer(),
    docs_url=None,
    servers=[{"url": settings.BASE_URL, "description": "This Kassa."}],
    openapi_url=None,  # kassa.api.description_view has it ready
    urls_namespace="api-v1",
)
api.add_decorator(refuse_unread_body)
api.add_decorator(refuse_unknown_parameters)


@api.exception_handler(KassaError)
@api.exception_handler(ValidationError)
@api.exception_handler(Exception)
def _problem(request: HttpRequest, error: Exception) -> HttpResponse:
    return answer_error(request, error)


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem_response(BodyTooLarge(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0))


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja raises this for a body that is not JSON at all."""
    return problem_response(InvalidInput("The body is not valid JSON.", field="body"))


# Addresses are tried in this order, so the ones that an on-sale asks for come first.
for noun in (
    orders,
    payments,
    availability,
    checkins,
    carts,
    events,
    ticket_types,
    questions,
    uploads,
    products,
    pictures,
    tax_rules,
    quotas,
    seat_layouts,
    event_seats,
    waiting_rooms,
    tickets,
    ticket_documents,
    ticket_designs,
    signing_keys,
    wallet_accounts,
    coupons,
    refunds,
    event_refunds,
    invoices,
    transactions,
    payouts,
    payment_providers,
    webhook_events,
    organization,
    organization_domain,
    members,
    invitations,
    api_keys,
    security_events,
    checkin_lists,
    checkin_devices,
    messages,
    message_templates,
):
    api.add_router("", noun.router)
