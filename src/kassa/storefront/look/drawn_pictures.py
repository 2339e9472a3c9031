"""Pictures of shops and events as drawings, to be set into pictures that Kassa makes."""

from __future__ import annotations

from kassa.core.errors import NotFound
from kassa.pictures.addresses import picture_id_in
from kassa.pictures.queries import public_picture
from kassa.tickets.domain.looks import drawing_of


def get_drawing(url: str) -> str:
    """Return the picture at an address as an SVG document. Empty: there is none, or it is on another host."""
    picture_id = picture_id_in(url)
    if picture_id is None:
        return ""
    try:
        picture = public_picture(picture_id)
    except NotFound:
        return ""
    return drawing_of(bytes(picture.content), picture.media_type)
