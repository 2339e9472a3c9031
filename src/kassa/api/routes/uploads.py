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
from kassa.api.uploaded import file_in, text_in
from kassa.core.clock import utc_now
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.permissions import Permission
from kassa.orders.domain.upload_quotas import Uploader
from kassa.orders.domain.upload_types import MAX_BYTES
from kassa.orders.domain.uploads import keep_upload
from kassa.orders.enums import UploadType
from kassa.orders.errors import TooManyUploads, UploadStorageFull, UploadTooLarge
from kassa.orders.models import Upload
from kassa.orders.queries import upload_of
from kassa.sales.queries import carts_of

router = Router(tags=["Uploads"])

FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "A PDF document, or a JPEG or PNG picture, of at most 5 MiB.",
                        },
                        "cart": {
                            "type": "string",
                            "format": "uuid",
                            "description": "The cart it is for. What waits to be ordered is limited for each "
                            "cart, else for your key as a whole: name it where buyers send files.",
                        },
                    },
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
    openapi_extra={**writing(UploadTooLarge, TooManyUploads, UploadStorageFull, KeyReused), **FORM},
    summary="Send a file",
)
@decorate_view(repeatable)
def create(request: ApiRequest) -> Status[dict[str, Any]]:
    """Send a file that answers a question: a PDF, or a JPEG or PNG picture, of at most 5 MiB.

    Name its `id` as the answer, and the `cart` of its buyer if there is one. One order can name it; if
    none does, it is deleted after a day.
    Sending a file again makes another one, unless it is sent under the same `Idempotency-Key`.
    """
    file = file_in(request, max_bytes=MAX_BYTES, too_large=UploadTooLarge)
    cart_id = _find_cart_id(request)
    kept = keep_upload(
        request.auth.organization_id,
        name=file.name or "",
        content=file.read(),
        uploader=Uploader(key_id=request.auth.id, cart_id=cart_id),
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
    response["Content-Security-Policy"] = NEVER_RUN
    response["Cache-Control"] = "private, no-store"
    return response


def _find_cart_id(request: ApiRequest) -> UUID | None:
    """Return the cart that a form names. None: it names none.

    Raises:
        InvalidInput: the organisation has no such cart.
    """
    text = text_in(request, "cart", longest=36)
    if not text:
        return None
    try:
        cart_id = UUID(text)
    except ValueError as error:
        raise InvalidInput("This is not the id of a cart.", field="cart") from error
    if not carts_of(request.auth.organization_id).filter(id=cart_id).exists():
        raise InvalidInput("There is no such cart in your organisation.", field="cart")
    return cart_id


def _show(upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id,
        "name": upload.name,
        "media_type": upload.media_type,
        "size": upload.size,
        "order": upload.order_id,
        "created_at": upload.created_at,
    }
