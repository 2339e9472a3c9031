"""Pictures that are there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from kassa.core.errors import NotFound
from kassa.pictures.addresses import picture_id_in, shown_picture
from kassa.pictures.models import Picture


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture as a page shows it."""

    path: str
    width: int
    height: int
    alternative_text: str


def pictures_of(organization_id: UUID) -> QuerySet[Picture]:
    """Return an organisation's pictures without their contents."""
    return Picture.objects.of(organization_id).defer("content")


def picture_of(organization_id: UUID, picture_id: UUID) -> Picture:
    """Return one of an organisation's pictures without its content.

    Raises:
        NotFound: it has no such picture.
    """
    found = pictures_of(organization_id).filter(id=picture_id).first()
    if found is None:
        raise NotFound
    return found


def shown_pictures(organization_id: UUID, urls: Iterable[str]) -> dict[str, ShownPicture]:
    """Return those of some addresses that a page of an organisation can show, in one query.

    What lies on another host, or was never there, is left out.
    """
    ids = {url: found for url in urls if (found := picture_id_in(url)) is not None}
    if not ids:
        return {}
    by_id = {each.id: each for each in pictures_of(organization_id).filter(id__in=set(ids.values()))}
    return {
        url: ShownPicture(shown_picture(url), each.width, each.height, each.alternative_text)
        for url, picture_id in ids.items()
        if (each := by_id.get(picture_id)) is not None
    }


def public_picture(picture_id: UUID) -> Picture:
    """Return whoever's picture: what is kept here is meant for everybody.

    Raises:
        NotFound: there is none.
    """
    found = Picture.unscoped.filter(id=picture_id).first()
    if found is None:
        raise NotFound("There is no such picture.")
    return found
