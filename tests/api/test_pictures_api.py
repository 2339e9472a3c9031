"""Pictures over HTTP: sent as a form, seen by everybody, never run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kassa.organizations.models import Organization
from kassa.pictures.queries import pictures_of
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import DRAWING, make_organization, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def api(organization: Organization) -> ApiClient:
    return make_api_client(organization)


def send(api: ApiClient, content: bytes, **more: Any) -> Any:
    form = {"file": SimpleUploadedFile("poster.html", content, "text/html"), **more}
    return Client().post("/api/v1/pictures", form, HTTP_AUTHORIZATION=f"Bearer {api.secret}")


def test_a_picture_is_sent_and_seen(organization: Organization, api: ApiClient) -> None:
    sent = send(api, DRAWING, alternative_text="A poster")

    assert sent.status_code == 201, sent.content
    made = sent.json()
    path = made["url"].removeprefix(settings.BASE_URL)
    assert {name: made[name] for name in ("media_type", "width", "height", "alternative_text")} == {
        "media_type": "image/svg+xml",
        "width": 800,
        "height": 1000,
        "alternative_text": "A poster",
    }
    seen = Client().get(path)
    assert (seen.status_code, seen.content, seen["Content-Type"]) == (200, DRAWING, "image/svg+xml")
    assert seen["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert seen["X-Content-Type-Options"] == "nosniff"
    assert seen["Cache-Control"] == "public, max-age=31536000, immutable"
    assert Client().get(path, headers={"If-None-Match": seen["ETag"]}).status_code == 304
    packed = Client().get(path, headers={"Accept-Encoding": "gzip"})
    assert (packed["Content-Encoding"], packed["Vary"]) == ("gzip", "Accept-Encoding")
    assert Client().get(path.replace(".svg", ".jpg")).status_code == 404


def test_the_same_file_is_the_same_picture(organization: Organization, api: ApiClient) -> None:
    first, again = send(api, DRAWING), send(api, DRAWING, alternative_text="A swan")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "alternative_text": "A swan"}
    listed = api.get("/api/v1/pictures").json()
    assert listed == {"items": [again.json()], "next": None}
    assert api.get(f"/api/v1/pictures/{again.json()['id']}").json() == again.json()


@pytest.mark.parametrize(
    ("content", "more", "code"),
    [
        (b"%PDF-1.7", {}, "picture_refused"),
        (bytes(2_000_001), {}, "picture_too_large"),
        (bytes(2_100_000), {}, "picture_too_large"),
        (DRAWING, {"alternative_text": "a" * 301}, "invalid_input"),
        (DRAWING, {"alternative_text": "a\x00"}, "invalid_input"),
        (b"", {}, "invalid_input"),
    ],
    ids=["no picture", "too large", "far too large", "long text", "no text", "empty"],
)
def test_what_is_refused_changes_nothing(
    organization: Organization, api: ApiClient, content: bytes, more: dict[str, str], code: str
) -> None:
    answer = send(api, content, **more)

    assert answer.json()["code"] == code
    assert not pictures_of(organization.id).exists()


def test_a_picture_is_deleted(organization: Organization, api: ApiClient) -> None:
    kept = make_picture(organization)

    assert api.call("DELETE", f"/api/v1/pictures/{kept.id}").status_code == 204

    assert api.get(f"/api/v1/pictures/{kept.id}").status_code == 404
    assert Client().get(f"/pictures/{kept.id}.svg").status_code == 404
    assert Client().get(f"/pictures/{UUID(int=0)}.svg").status_code == 404
