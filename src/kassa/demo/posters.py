"""The demo's own pictures, drawn for it: posters, goods and logos, taken in like anybody's."""

from __future__ import annotations

from pathlib import Path

from kassa.demo.houses import House
from kassa.organizations.domain.manage import change_organization
from kassa.pictures.addresses import picture_url
from kassa.pictures.domain.keep import keep_picture
from kassa.pictures.enums import PictureType

PICTURES = Path(__file__).parent / "pictures"


def hang(house: House, name: str, alternative_text: str) -> str:
    """Keep one of the demo's pictures for a house; return its address."""
    content = (PICTURES / f"{name}.svg").read_bytes()
    kept, _ = keep_picture(house.context, content=content, alternative_text=alternative_text)
    return picture_url(kept.id, PictureType(kept.media_type).extension)


def put_up_sign(house: House, name: str) -> None:
    """Give a house its logo and the header of its home page."""
    changes = {
        "logo": hang(house, f"logo-{name}", house.organization.name),
        "header_image": hang(house, f"header-{name}", ""),
    }
    change_organization(house.operator, changes=changes, settings={})
