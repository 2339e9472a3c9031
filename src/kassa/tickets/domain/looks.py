"""How tickets of an event look: what its design says, and else what the organisation does. Pure."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from kassa.core.colors import DEFAULT_COLOR, lighter, plain_color, readable_on
from kassa.core.email_addresses import display_email
from kassa.organizations.models import Organization, OrganizationSettings
from kassa.pictures.domain.files import size_of
from kassa.pictures.enums import PictureType
from kassa.tickets.domain.pages import contact_line
from kassa.tickets.domain.words import written_in
from kassa.tickets.models import TicketDesign
from kassa.typesetting.text import halves, tidy, tidy_line

LOGO_WIDTH, LOGO_HEIGHT = 70, 13
"""Millimetres that a logo may have in the head of a page."""


def look_of(design: TicketDesign | None, settings: OrganizationSettings, *, language: str) -> dict[str, Any]:
    """Return a design as the template wants it."""
    organization = settings.organization
    chosen = design or plain_design(organization.id)
    primary = plain_color(chosen.primary_color, settings.primary_color) or DEFAULT_COLOR
    secondary = plain_color(chosen.secondary_color, settings.secondary_color) or lighter(primary)
    languages = (language, settings.default_language)
    terms = tidy(written_in(chosen.terms, *languages) or settings.refund_policy)
    logo, logo_type = _bytes(chosen.logo), chosen.logo_type
    width, height = _fitting(logo, logo_type)
    return {
        "name": tidy_line(organization.name),
        "primary": primary,
        "on_primary": readable_on(primary),
        "secondary": secondary,
        "logo": drawing_of(logo, logo_type),
        "logo_width": width,
        "logo_height": height,
        "picture": drawing_of(_bytes(chosen.picture), chosen.picture_type),
        "notes": tidy(written_in(chosen.notes, *languages)),
        "terms": terms,
        "terms_halves": halves(terms),
        "contact": contact_line(_contact(organization)),
    }


def plain_design(organization_id: UUID) -> TicketDesign:
    """Return the design of an organisation that chose nothing: not written, and so without a moment."""
    nothing: Any = None
    return TicketDesign(
        organization_id=organization_id,
        primary_color="",
        secondary_color="",
        logo_type="",
        picture_type="",
        terms={},
        notes={},
        shows_price=True,
        created_at=nothing,
        updated_at=nothing,
    )


def drawing_of(content: bytes, media_type: str) -> str:
    """Return a picture as an SVG document: a photograph is put into one. Empty: there is no picture."""
    if not content:
        return ""
    if media_type == PictureType.SVG:
        return content.decode()
    width, height = size_of(content, media_type)
    data = base64.b64encode(content).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}"><image width="{width}" height="{height}" '
        f'href="data:{media_type};base64,{data}"/></svg>'
    )


def _fitting(logo: bytes, logo_type: str) -> tuple[float, float]:
    """Return how large a logo is printed, in millimetres: as large as fits, in its own proportions."""
    if not logo:
        return 0, 0
    width, height = size_of(logo, logo_type)
    scale = min(LOGO_WIDTH / width, LOGO_HEIGHT / height)
    return round(width * scale, 2), round(height * scale, 2)


def _bytes(content: bytes | memoryview | None) -> bytes:
    return b"" if content is None else bytes(content)


def _contact(organization: Organization) -> list[str]:
    address = organization.address or {}
    town = " ".join(str(address[part]) for part in ("postal_code", "city") if address.get(part))
    place = ", ".join(str(part) for part in (address.get("line1"), town) if part)
    return [organization.name, place, organization.phone, display_email(organization.email)]
