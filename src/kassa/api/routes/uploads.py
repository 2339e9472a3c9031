"""``/uploads``: files that answer questions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from ninja import Router, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.problems import reading, writing
from kassa.api.question_schemas import UploadOut
from kassa.api.requests import ApiRequest
from kassa.api.uploaded import file_in
from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.identity.permissions import Permission
from kassa.orders.domain.upload_types import MAX_BYTES
from kassa.orders.domain.uploads import keep_upload
from kassa.orders.enums import UploadType
from kassa.orders.errors import TooManyUploads, UploadTooLarge
from kassa.orders.models import Upload
from kassa.orders.queries import upload_of

router = Router(tags=["Uploads"])

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
THE_FILE = reading(NotFound)
THE_FILE["responses"][200] = {
    "description": "The file, as it was sent.",
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in UploadType.values},
}
NEVER_RUN = "default-src 'none'; sandbox"


@router.post(
    "/uploads",
    response={201: UploadOut},
    auth=Requires(Permission.ORDER_PLACE),
    openapi_extra={**writing(UploadTooLarge, TooManyUploads, KeyReused), **FORM},
    summary="Send a file",
)
@decorate_view(repeatable)
def create(request: ApiRequest) -> Status[dict[str, Any]]:
    """Send a file that answers a question: a PDF, or a JPEG or PNG picture, of at most 5 MiB.

    Name its `id` as the answer. One order can name it; if none does, it is deleted after a day.
    Sending a file again makes another one, unless it is sent under the same `Idempotency-Key`.
    """
    file = file_in(request, max_bytes=MAX_BYTES, too_large=UploadTooLarge)
    kept = keep_upload(
        request.auth.organization_id,
        name=file.name or "",
        content=file.read(),
        actor_id=request.auth.id,
        now=utc_now(),
    )
    return Status(201, _show(kept))


@router.get(
    "/uploads/{upload_id}",
    auth=Requires(Permission.TICKET_READ),
    openapi_extra=THE_FILE,
    summary="Fetch a file",
)
def read(request: ApiRequest, upload_id: UUID) -> HttpResponse:
    """The file itself, to be saved and not to be shown: buyers sent it, and nobody has looked inside."""
    upload = upload_of(request.auth.organization_id, upload_id)
    response = HttpResponse(bytes(upload.content), content_type=upload.media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=upload.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = NEVER_RUN
    response["Cache-Control"] = "private, no-store"
    return response


def _show(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id,
        "name": upload.name,
        "media_type": upload.media_type,
        "size": upload.size,
        "order": upload.order_id,
        "created_at": upload.created_at,
    }
