"""The addresses of pictures: which of them are ours to show."""

from __future__ import annotations

import re
from uuid import UUID

from django.conf import settings

OWN = re.compile(
    r"https?://[^/?#]+(/pictures/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?:png|jpg|webp|svg))"
)
"""What an uploaded picture's address looks like, whatever host Kassa had when it was written down."""


def picture_path(picture_id: UUID, extension: str) -> str:
    """Return where a picture is on every host that shows an organisation's pages."""
    return f"/pictures/{picture_id}.{extension}"


def picture_url(picture_id: UUID, extension: str) -> str:
    """Return a picture's full address, as events, products and organisations keep it."""
    return settings.BASE_URL + picture_path(picture_id, extension)


def shown_picture(url: str) -> str:
    """Return the path at which a page can show a picture; empty for none, and for one on another host.

    A page asks nobody else for anything: what lies elsewhere is only named to those who preview a link.
    """
    found = OWN.fullmatch(url)
    return found[1] if found else ""


def mail_picture(url: str) -> str:
    """Return the address at which a message can show a picture; empty for none.

    Mail programs show no drawings: beside each of ours there is a painted one. What lies elsewhere is shown
    as it is, if it comes over https.
    """
    found = OWN.fullmatch(url)
    if found:
        path, _, extension = found[1].rpartition(".")
        return f"{settings.BASE_URL}{path}.{'png' if extension == 'svg' else extension}"
    return url if url.lower().startswith("https://") else ""


def picture_id_in(url: str) -> UUID | None:
    """Return which picture an address names. None: it is not one of ours."""
    found = OWN.fullmatch(url)
    return UUID(found[2]) if found else None
