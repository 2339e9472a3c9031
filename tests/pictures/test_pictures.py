"""Pictures are kept once each, only if they do no harm, and as long as something shows them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from kassa.catalog.models import Event, Product
from kassa.core.actor import Actor
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.core.errors import NotFound, PermissionMissing
from kassa.core.models import LogEntry
from kassa.core.permissions import Permission
from kassa.organizations.models import Organization
from kassa.pictures.addresses import picture_id_in, picture_url, shown_picture
from kassa.pictures.domain.keep import MAX_BYTES, keep_picture
from kassa.pictures.domain.remove import remove_picture
from kassa.pictures.errors import PictureInUse, PictureRefused, PictureTooLarge
from kassa.pictures.models import Picture
from kassa.pictures.queries import pictures_of, shown_pictures
from tests.pictures.test_files import picture
from tests.support.factories import DRAWING, make_event, make_organization, make_picture, make_product

pytestmark = pytest.mark.django_db

SPACE = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'


@pytest.fixture
def organization() -> Organization:
    return make_organization()


def keep(organization: Organization, content: bytes, text: str = "") -> tuple[Picture, bool]:
    return keep_picture(
        CommandContext.system(organization.id, now=utc_now()), content=content, alternative_text=text
    )


def test_the_same_file_is_kept_once(organization: Organization) -> None:
    first, is_new = keep(organization, DRAWING, "A  poster\n")
    again, is_new_again = keep(organization, DRAWING, "A poster with a swan")
    elsewhere, is_new_elsewhere = keep(make_organization(), DRAWING)

    assert (is_new, is_new_again, is_new_elsewhere) == (True, False, True)
    assert first.id == again.id != elsewhere.id
    assert (first.alternative_text, again.alternative_text) == ("A poster", "A poster with a swan")
    assert (again.media_type, again.width, again.height) == ("image/svg+xml", 800, 1000)
    assert bytes(Picture.objects.of(organization.id).get().content) == DRAWING


def test_the_log_says_who_sent_changed_and_deleted_a_picture(organization: Organization) -> None:
    kept, _ = keep(organization, DRAWING, "A poster")
    keep(organization, DRAWING, "A poster")
    keep(organization, DRAWING, "A poster with a swan")
    remove_picture(CommandContext.system(organization.id, now=utc_now()), kept.id)

    entries = LogEntry.objects.of(organization.id).filter(subject_id=kept.id).order_by("id")
    assert [entry.action for entry in entries] == ["picture.created", "picture.changed", "picture.deleted"]
    assert entries[0].changes["width"] == [None, 800]
    assert entries[1].changes == {"alternative_text": ["A poster", "A poster with a swan"]}
    assert all("content" not in entry.changes for entry in entries)


def test_only_who_writes_the_offer_sends_or_deletes_a_picture(organization: Organization) -> None:
    kept = make_picture(organization)
    reader = Actor.member(organization.id, uuid4(), frozenset({Permission.OFFER_READ}))
    context = CommandContext(reader, utc_now())

    with pytest.raises(PermissionMissing):
        keep_picture(context, content=DRAWING, alternative_text="Another")
    with pytest.raises(PermissionMissing):
        remove_picture(context, kept.id)

    assert pictures_of(organization.id).get().alternative_text == kept.alternative_text


@pytest.mark.parametrize(
    "harm",
    [
        b"<script>alert(1)</script>",
        b'<rect onload="alert(1)"/>',
        b'<image href="https://elsewhere.example/a.png"/>',
        b'<use x:href="https://elsewhere.example/a.svg#b"/>',
        b"<foreignObject><p/></foreignObject>",
        b"<style>@import 'https://elsewhere.example/a.css'</style>",
        b'<a href="javascript:alert(1)"><path/></a>',
        b'<path style="fill:url(https://elsewhere.example/a.svg#b)"/>',
        b'<set attributeName="onmouseover" to="alert(1)"/>',
    ],
    ids=["script", "handler", "image", "use", "foreign", "import", "link", "paint", "animation"],
)
def test_drawings_that_run_or_fetch_are_refused(organization: Organization, harm: bytes) -> None:
    with pytest.raises(PictureRefused):
        keep(organization, SPACE + harm + b"</svg>")

    assert not pictures_of(organization.id).exists()


def test_too_large_too_wide_and_no_picture_are_refused(organization: Organization) -> None:
    with pytest.raises(PictureTooLarge):
        keep(organization, b"\x89PNG\r\n\x1a\n" + bytes(MAX_BYTES))
    for content in (picture("PNG", size=(6001, 10)), b"%PDF-1.7", SPACE):
        with pytest.raises(PictureRefused):
            keep(organization, content)

    assert not pictures_of(organization.id).exists()


def show_on(organization: Organization, where: str, url: str) -> None:
    match where:
        case "poster":
            make_event(organization, featured_image=url)
        case "gallery":
            make_event(organization, gallery_images=["https://elsewhere.example/a.png", url])
        case "product":
            make_product(organization, image=url)
        case "logo":
            Organization.objects.filter(id=organization.id).update(logo=url)


@pytest.mark.parametrize("where", ["poster", "gallery", "product", "logo"])
def test_a_picture_that_is_shown_stays(organization: Organization, where: str) -> None:
    kept = make_picture(organization)
    show_on(organization, where, f"https://earlier.example/pictures/{kept.id}.svg")

    with pytest.raises(PictureInUse):
        remove_picture(CommandContext.system(organization.id, now=utc_now()), kept.id)

    assert pictures_of(organization.id).get() == kept


def test_a_picture_that_nothing_shows_goes(organization: Organization) -> None:
    kept, others = make_picture(organization), make_picture(make_organization())
    url = picture_url(kept.id, "svg")
    make_event(organization, featured_image=url, deleted_at=utc_now())
    make_product(organization, image=url, deleted_at=utc_now())

    remove_picture(CommandContext.system(organization.id, now=utc_now()), kept.id)

    assert not pictures_of(organization.id).exists()
    assert (Event.unscoped.count(), Product.unscoped.count()) == (1, 1)
    with pytest.raises(NotFound):
        remove_picture(CommandContext.system(organization.id, now=utc_now()), others.id)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://elsewhere.example/poster.png",
        "https://kassa.test/pictures/01998f3e-0000-7000-8000-000000000001.gif",
        "https://kassa.test/x/pictures/01998f3e-0000-7000-8000-000000000001.png",
        "javascript://kassa.test/pictures/01998f3e-0000-7000-8000-000000000001.png",
        "https://kassa.test/pictures/01998f3e-0000-7000-8000-000000000001.png?x",
    ],
)
def test_pictures_elsewhere_are_not_shown(url: str) -> None:
    assert (shown_picture(url), picture_id_in(url)) == ("", None)


def test_what_pages_show_is_read_at_once(organization: Organization, django_assert_num_queries: Any) -> None:
    kept = [make_picture(organization, SPACE + b"<g/>" * count + b"</svg>") for count in range(3)]
    theirs = make_picture(make_organization())
    urls = [picture_url(each.id, "svg") for each in [*kept, theirs]]

    with django_assert_num_queries(1):
        shown = shown_pictures(organization.id, [*urls, "https://elsewhere.example/a.png", ""])

    assert list(shown) == urls[:3]
    assert [one.path for one in shown.values()] == [f"/pictures/{each.id}.svg" for each in kept]
    assert {(one.width, one.height, one.alternative_text) for one in shown.values()} == {(9, 9, "A poster")}
