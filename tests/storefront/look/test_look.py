"""What makes a shop look like its organisation's: its colours, and the pictures of its events' links."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from django.test import Client

from kassa.core.ttl_cache import clear_caches
from kassa.organizations.models import Organization
from kassa.pictures.addresses import picture_url
from kassa.storefront.shops import shop_of
from tests.support.factories import DRAWING, make_event, make_organization, make_picture, make_ticket_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    clear_caches()
    return make_organization(primary_color="#7A1F3D", secondary_color="#F2E8DC")


def test_colours_are_kept_for_good_under_the_address_that_pages_name(organization: Organization) -> None:
    shop = shop_of(organization.id)

    named, other = Client().get(shop.colors_path), Client().get(f"{shop.at}/colors.css")

    assert (named.status_code, named["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "--brand:#7a1f3d;" in named.content.decode()
    assert named.content == other.content
    assert named["Cache-Control"] == "public, max-age=31536000, immutable"
    assert other["Cache-Control"] == "public, max-age=60"
    assert Client().get("/nobody-at-all/colors.css").status_code == 404


def preview_of(organization: Organization, **fields: Any) -> Any:
    event = make_event(organization, **fields)
    make_ticket_type(event)
    return Client().get(f"/{organization.slug}/events/x-{event.id}/preview.png")


@pytest.mark.parametrize("poster", ["own", "none", "elsewhere", "gone", "broken"])
def test_a_preview_is_a_picture_of_the_usual_size(organization: Organization, poster: str) -> None:
    broken = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x09\0\0\0\x09\x08\x02\0\0\0" + bytes(40)
    content = {"own": DRAWING, "broken": broken}.get(poster, DRAWING + b"<!-- another -->")
    extension = "png" if poster == "broken" else "svg"
    picture_id = organization.id if poster == "gone" else make_picture(organization, content).id
    own = picture_url(picture_id, extension)
    url = {"none": "", "elsewhere": "https://elsewhere.example/poster.png"}.get(poster, own)

    answer = preview_of(organization, featured_image=url, title="#panic() *Night* of $x$ " * 6)

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert struct.unpack(">II", answer.content[16:24]) == (1200, 630)


def test_a_preview_is_sent_again_only_when_it_has_changed(organization: Organization) -> None:
    answer = preview_of(organization)

    again = Client().get(answer.request["PATH_INFO"], headers={"If-None-Match": answer["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"visibility": "private"}], ids=["draft", "private"])
def test_there_is_no_preview_of_what_nobody_may_see(organization: Organization, fields: Any) -> None:
    assert preview_of(organization, **fields).status_code == 404
