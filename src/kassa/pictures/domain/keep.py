"""A picture is taken in: once per content, and only if it is safe to show."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.db import transaction

from kassa.core.activity_log import record_activity
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.permissions import Permission
from kassa.pictures.domain.drawings import check_drawing
from kassa.pictures.domain.files import size_of, type_of
from kassa.pictures.enums import PictureType
from kassa.pictures.errors import PictureRefused, PictureTooLarge, TooManyPictures
from kassa.pictures.models import Picture

MAX_BYTES = 2_000_000
MAX_SIDE = 6_000
MAX_PICTURES = 2_000
"""Of one organisation; two that are sent at once may pass it by one."""


@command(Permission.OFFER_WRITE)
def keep_picture(context: CommandContext, *, content: bytes, alternative_text: str) -> tuple[Picture, bool]:
    """Keep a picture; return it, and whether it is new.

    Sending the same file again makes nothing, but takes over the text that comes with it.

    Raises:
        PictureTooLarge: it is longer than is taken.
        PictureRefused: it is no PNG, JPEG, WebP or SVG file, is too wide or too high, or points outside.
        TooManyPictures: the organisation keeps too many already.
    """
    media_type, (width, height) = check_picture(content)
    text = " ".join(alternative_text.split())
    own = Picture.objects.of(context.organization_id)
    if own.count() >= MAX_PICTURES:
        raise TooManyPictures(MAX_PICTURES)
    digest = sha256(content).hexdigest()
    with transaction.atomic():
        made = Picture(
            organization_id=context.organization_id,
            content=content,
            media_type=media_type,
            digest=digest,
            width=width,
            height=height,
            alternative_text=text,
            created_at=context.now,
        )
        Picture.unscoped.bulk_create([made], ignore_conflicts=True)
        kept = own.select_for_update(no_key=True).get(digest=digest)
        if kept.id == made.id:
            record_activity(context, "picture.created", kept, after=describe_picture(kept))
        elif kept.alternative_text != text:
            before = describe_picture(kept)
            kept.alternative_text = text
            kept.save(update_fields=["alternative_text"])
            record_activity(context, "picture.changed", kept, before=before, after=describe_picture(kept))
    return kept, kept.id == made.id


def describe_picture(picture: Picture) -> dict[str, Any]:
    """Return what the activity log says of a picture: all but its content, which the digest stands for."""
    names = ("media_type", "digest", "width", "height", "alternative_text")
    return {name: getattr(picture, name) for name in names}


def check_picture(content: bytes) -> tuple[PictureType, tuple[int, int]]:
    """Return what a file is and how large, if it can be shown.

    Raises:
        PictureTooLarge: it is longer than is taken.
        PictureRefused: it cannot.
    """
    if len(content) > MAX_BYTES:
        raise PictureTooLarge(MAX_BYTES)
    media_type = type_of(content)
    if media_type is None:
        raise PictureRefused("The file is no PNG, JPEG, WebP or SVG picture.", field="file")
    try:
        if media_type == PictureType.SVG:
            check_drawing(content)
        width, height = (max(round(side), 1) for side in size_of(content, media_type))
    except ValueError as error:
        raise PictureRefused(f"The picture cannot be shown: {error}", field="file") from error
    if media_type != PictureType.SVG and max(width, height) > MAX_SIDE:
        raise PictureRefused(
            f"The picture has {width} by {height} pixels; a side may have at most {MAX_SIDE}.", field="file"
        )
    return media_type, (width, height)
