"""How tickets look: set, inherited, removed, and never with a picture that cannot be printed."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.orders.domain.codes import spaced
from kassa.organizations.models import OrganizationSettings
from kassa.pictures.errors import PictureRefused
from kassa.tickets.domain.designs import (
    NewDesign,
    design_of,
    preview_pdf,
    remove_event_design,
    set_design,
    set_event_design,
)
from kassa.tickets.domain.genuine import NotGenuine, check_qr
from kassa.tickets.domain.keys import public_keys
from kassa.tickets.domain.sample import CODE
from kassa.tickets.models import TicketDesign
from tests.support.factories import make_event, make_organization
from tests.tickets.printing import Press, pages_of, read_codes, texts_of

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 50">%s</svg>'
SHAPES = SVG % b'<rect width="200" height="50" fill="#fc0"/><circle cx="25" cy="25" r="20"/>'


@pytest.fixture
def press() -> Press:
    return Press()


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 100), color: str = "#ffcc00") -> bytes:
    file = BytesIO()
    Image.new("RGB", size, color).save(file, kind)
    return file.getvalue()


def set_on(press: Press, event: Any = None, **fields: Any) -> TicketDesign:
    context, new = press.context(), NewDesign(**fields)
    return set_design(context, new) if event is None else set_event_design(context, event.id, new)


def test_a_design_that_was_never_set_chooses_nothing(press: Press) -> None:
    design = design_of(press.organization.id, None)

    assert (design.primary_color, design.terms, design.notes) == ("", {}, {})
    assert design.logo is None
    assert TicketDesign.objects.of(press.organization.id).count() == 0


def test_an_event_has_the_organisations_design_until_it_has_its_own(press: Press) -> None:
    event = make_event(press.organization)
    set_on(press, primary_color="#112233")
    assert design_of(press.organization.id, event.id).primary_color == "#112233"

    set_on(press, event, primary_color="#445566")
    assert design_of(press.organization.id, event.id).primary_color == "#445566"
    assert design_of(press.organization.id, None).primary_color == "#112233"

    remove_event_design(press.context(), event.id)
    remove_event_design(press.context(), event.id)
    assert design_of(press.organization.id, event.id).primary_color == "#112233"


def test_tickets_look_like_their_events_design(press: Press) -> None:
    event = make_event(press.organization)
    order = press.sell(event)
    plain = press.pdf(order)
    set_on(press, event, notes={"en": "Bring a torch."}, terms={"en": "No dogs."}, shows_price=False)
    designed = press.pdf(order)

    (before,), (after,) = texts_of(plain), texts_of(designed)
    assert "€45.00" in before
    assert "€45.00" not in after
    assert "Bring a torch." in after
    assert "No dogs." in after
    assert [read_codes(page) for page in pages_of(designed)] == [press.qr_texts(press.tickets_of(order))]


@pytest.mark.parametrize("logo", [picture(), picture("JPEG"), SHAPES])
@pytest.mark.parametrize("head", [None, picture("JPEG", (1200, 400), "#336699")])
def test_logos_and_pictures_are_printed(press: Press, logo: bytes, head: bytes | None) -> None:
    set_on(press, logo=logo, picture=head, primary_color="#000000")
    order = press.sell()
    (page,) = pages_of(press.pdf(order))

    shades = set(page.crop((80, 20, 500, 110)).tobytes())
    assert any(190 < shade < 220 for shade in shades)  # the yellow of the logo
    assert read_codes(page) == press.qr_texts(press.tickets_of(order))


def test_pictures_that_are_not_named_stay(press: Press) -> None:
    set_on(press, logo=picture(), picture=picture("JPEG"))
    kept = set_on(press, primary_color="#112233")
    assert (kept.logo_type, kept.picture_type) == ("image/png", "image/jpeg")

    gone = set_on(press, logo=None)
    assert (gone.logo, gone.logo_type, gone.picture_type) == (None, "", "image/jpeg")


@pytest.mark.parametrize(
    "refused",
    [
        b"",
        b"no picture",
        b"GIF89a" + bytes(100),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        picture()[:60],
        picture("JPEG")[:40],
        picture("PNG", (3000, 3000)),
        b"%PDF-1.7",
        b"<svg>",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        SHAPES.replace(b"200 50", b"200 0"),
        SVG % b"<script>alert(1)</script>",
        SVG % b'<g onload="alert(1)"/>',
        SVG % b"<foreignObject><p/></foreignObject>",
        SVG % b'<image href="https://example.com/x.png"/>',
        SVG % b'<use href="https://example.com/x.svg#a"/>',
        SVG % b'<use xmlns:x="http://www.w3.org/1999/xlink" x:href="file:///etc/passwd"/>',
        SVG % b'<rect fill="url(https://example.com/x)"/>',
        SVG % b"<style>@import 'https://example.com/x.css';</style>",
        SVG % b"<filter><feGaussianBlur stdDeviation='900'/></filter>",
        SVG % b'<g id="a"><use href="#a"/></g>',
        SVG % (b"<g>" * 100 + b"</g>" * 100),
        SVG % (b"<rect/>" * 6000),
        SVG
        % b"".join(
            b'<g id="a%d"><use href="#a%d"/><use href="#a%d"/></g>' % (one, one + 1, one + 1)
            for one in range(30)
        ),
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SHAPES,
        SHAPES + b"<",
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'>ü</svg>".encode("latin-1"),
    ],
)
def test_what_cannot_safely_be_printed_is_refused(press: Press, refused: bytes) -> None:
    before = set_on(press, logo=SHAPES, primary_color="#112233")

    with pytest.raises(PictureRefused):
        set_on(press, logo=refused)

    after = design_of(press.organization.id, None)
    assert (bytes(after.logo or b""), after.primary_color, after.updated_at) == (
        SHAPES,
        "#112233",
        before.updated_at,
    )


def test_a_picture_that_is_too_large_is_refused(press: Press) -> None:
    with pytest.raises(PictureRefused, match="kB"):
        set_on(press, logo=SHAPES + b" " * 300_000)


def test_events_of_others_have_no_design(press: Press) -> None:
    event = make_event(make_organization())

    for call in (
        lambda: design_of(press.organization.id, event.id),
        lambda: set_on(press, event),
        lambda: remove_event_design(press.context(), event.id),
        lambda: preview_pdf(press.organization.id, event.id, language=None, now=utc_now()),
        lambda: design_of(press.organization.id, uuid4()),
    ):
        with pytest.raises(NotFound):
            call()


@pytest.mark.parametrize(("language", "mark"), [("en", "SAMPLE"), ("fr", "SPÉCIMEN")])
def test_a_preview_lets_nobody_in(press: Press, language: str, mark: str) -> None:
    event = make_event(press.organization, title="Harbour Lights")
    for event_id, title in ((None, ""), (event.id, "Harbour Lights")):
        pdf = preview_pdf(press.organization.id, event_id, language=language, now=utc_now())
        (text,) = texts_of(pdf)
        ((read,),) = [read_codes(page) for page in pages_of(pdf)]
        assert mark in text
        assert title in text
        assert spaced(CODE) in text
        assert isinstance(check_qr(press.organization.id, read), NotGenuine)
    assert public_keys(press.organization.id) == []


def test_the_organisations_colours_are_used_where_a_design_has_none(press: Press) -> None:
    OrganizationSettings.objects.of(press.organization.id).update(primary_color="#ffffff")
    (light,) = pages_of(press.pdf(press.sell()))
    set_on(press, primary_color="#000000")
    (dark,) = pages_of(press.pdf(press.sell()))

    assert (light.getpixel((5, 5)), dark.getpixel((5, 5))) == (255, 0)
