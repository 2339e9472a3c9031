"""``/webhooks/{provider}``: where payment providers tell what happened. No API key: the message is signed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kassa.api.problems import answer_error
from kassa.api.requests import json_of
from kassa.core.clock import utc_now
from kassa.core.errors import BodyTooLarge, NotFound
from kassa.payments.domain.webhooks.receive import MAX_BODY, receive_webhook
from kassa.payments.errors import ProviderUnknown


@csrf_exempt
@require_POST
def receive(request: HttpRequest, provider: str, organization_id: UUID | None = None) -> HttpResponse:
    """Store what a provider tells and answer at once; a job settles it.

    Whatever is not 200 has the provider send it again, so that a database which does not answer
    just then (503) loses nothing.
    """
    try:
        event = receive_webhook(
            provider,
            organization_id,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=_body(request),
            now=utc_now(),
        )
    except ProviderUnknown as error:
        return answer_error(request, NotFound(error.detail))
    except Exception as error:  # noqa: BLE001  # one place translates whatever it is
        return answer_error(request, error)
    return json_of({"id": str(event.id), "status": str(event.status)})


def _body(request: HttpRequest) -> bytes:
    """Return the body. Raises BodyTooLarge before a long one is read."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MAX_BODY:
        raise BodyTooLarge(MAX_BODY)
    return request.body
