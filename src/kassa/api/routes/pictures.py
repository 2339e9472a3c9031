"""``/pictures``: posters, photographs of goods and logos, for everybody to see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Router, Schema, Status
from ninja.decorators import decorate_view

from kassa.api.auth import Requires
from kassa.api.idempotency import KeyReused, repeatable
from kassa.api.pages import After, Limit, Page, page_of
from kassa.api.problems import reading, writing
from kassa.api.requests import ApiRequest, command_context
from kassa.api.uploaded import file_in, text_in
from kassa.core.errors import NotFound
from kassa.core.permissions import Permission
from kassa.pictures.addresses import picture_url
from kassa.pictures.domain.keep import MAX_BYTES, keep_picture
from kassa.pictures.domain.remove import remove_picture
from kassa.pictures.enums import PictureType
from kassa.pictures.errors import PictureInUse, PictureRefused, PictureTooLarge, TooManyPictures
from kassa.pictures.models import Picture
from kassa.pictures.queries import picture_of, pictures_of

router = Router(tags=["Pictures"])

LONGEST_TEXT = 300
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "alternative_text": {"type": "string", "maxLength": LONGEST_TEXT},
                    },
                }
            }
        },
    }
}


class PublicPictureOut(Schema):
    id: UUID
    url: str = Field(description="What to write into an event's, a product's or the organisation's fields.")
    media_type: PictureType
    width: int = Field(description="In pixels, or in a drawing's own units.")
    height: int
    alternative_text: str = Field(description="What it shows, for those who do not see it.")
    created_at: datetime


@router.post(
    "/pictures",
    response={200: PublicPictureOut, 201: PublicPictureOut},
    auth=Requires(keep_picture),
    openapi_extra={**writing(PictureRefused, PictureTooLarge, TooManyPictures, KeyReused), **FORM},
    summary="Send a picture",
)
@decorate_view(repeatable)
def create(request: ApiRequest) -> Status[dict[str, Any]]:
    """Send a PNG, JPEG, WebP or SVG picture of at most 2 MB, with a text that says what it shows.

    Everybody can see it at its `url`, which never changes. The same file sent again is the same picture,
    with the text that came last.
    """
    file = file_in(request, max_bytes=MAX_BYTES, too_large=PictureTooLarge)
    text = text_in(request, "alternative_text", longest=LONGEST_TEXT)
    kept, is_new = keep_picture(command_context(request), content=file.read(), alternative_text=text)
    return Status(201 if is_new else 200, _show(kept))


@router.get(
    "/pictures",
    response=Page[PublicPictureOut],
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(),
    summary="List pictures",
)
def list_pictures(request: ApiRequest, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """List the organisation's pictures, the newest first."""

    def show(pictures: Sequence[Picture]) -> list[Any]:
        return [_show(each) for each in pictures]

    return page_of(pictures_of(request.auth.organization_id), limit=limit, after=after, show=show)


@router.get(
    "/pictures/{picture_id}",
    response=PublicPictureOut,
    auth=Requires(Permission.OFFER_READ),
    openapi_extra=reading(NotFound),
    summary="Read a picture",
)
def read(request: ApiRequest, picture_id: UUID) -> dict[str, Any]:
    """Describe a picture; the picture itself is at its `url`."""
    return _show(picture_of(request.auth.organization_id, picture_id))


@router.delete(
    "/pictures/{picture_id}",
    response={204: None},
    auth=Requires(remove_picture),
    openapi_extra=writing(NotFound, PictureInUse),
    summary="Delete a picture",
)
def remove(request: ApiRequest, picture_id: UUID) -> Status[None]:
    """Delete a picture that nothing shows; its address is no longer valid from then on."""
    remove_picture(command_context(request), picture_id)
    return Status(204, None)


def _show(picture: Picture) -> dict[str, Any]:
    return {
        "id": picture.id,
        "url": picture_url(picture.id, PictureType(picture.media_type).extension),
        "media_type": picture.media_type,
        "width": picture.width,
        "height": picture.height,
        "alternative_text": picture.alternative_text,
        "created_at": picture.created_at,
    }
