"""``/pictures/<id>.<ext>``: pictures that organisations have sent, for everybody."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import typst
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from kassa.core.cached_response import cached_response
from kassa.core.errors import NotFound
from kassa.core.ttl_cache import TTLCache
from kassa.pictures.enums import PictureType
from kassa.pictures.queries import public_picture
from kassa.typesetting.compiler import paint

FOR_GOOD = "public, max-age=31536000, immutable"
NEVER_RUN = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""Whoever opens a drawing by itself gets its shapes and its own styles, and no script of it."""
PAINTED_WIDTH, PAINTED_HEIGHT = 720, 120
TEMPLATE = Path(__file__).parent.parent / "typst" / "drawing.typ"


@dataclass(frozen=True, slots=True)
class _Content:
    content: bytes
    packed: bytes | None
    """The same, compressed. None: it is compressed as it is."""
    media_type: str
    tag: str


# Pictures are at most 2 MB.
_cache: TTLCache[tuple[UUID, str], _Content] = TTLCache("pictures", ttl=60.0, maxsize=32, wait=3.0)


@require_safe
def show_picture(request: HttpRequest, *, picture_id: UUID, extension: str) -> HttpResponse:
    """Answer with a picture; its address never shows another one. A drawing is there as a PNG file, too."""
    found = _cache.get((picture_id, extension), lambda: _read(picture_id, extension))
    if PictureType(found.media_type).extension != extension:
        raise NotFound("There is no such picture.")
    response = cached_response(
        request,
        found.content,
        etag=found.tag,
        cache_control=FOR_GOOD,
        content_type=found.media_type,
        compressed=found.packed,
    )
    response["Content-Security-Policy"] = NEVER_RUN
    return response


def _read(picture_id: UUID, extension: str) -> _Content:
    picture = public_picture(picture_id)
    content, media_type = bytes(picture.content), str(picture.media_type)
    if media_type == PictureType.SVG and extension == PictureType.PNG.extension:
        content, media_type = _paint(content, picture.width, picture.height), str(PictureType.PNG)
    return _Content(
        content=content,
        packed=gzip.compress(content, mtime=0) if media_type == PictureType.SVG else None,
        media_type=media_type,
        tag=f'"{picture.digest[:32]}"',
    )


def _paint(drawing: bytes, width: int, height: int) -> bytes:
    """Return a drawing as a PNG file, at most as large as a message shows a logo on a sharp screen.

    Raises:
        NotFound: it cannot be painted.
    """
    scale = min(PAINTED_WIDTH / width, PAINTED_HEIGHT / height)
    data = {"drawing": drawing.decode(), "width": width * scale, "height": height * scale}
    try:
        return paint(data, template=TEMPLATE)
    except typst.TypstError as error:
        raise NotFound("There is no such picture.") from error
