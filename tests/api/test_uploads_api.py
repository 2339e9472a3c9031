"""Files over HTTP: sent as a form, named by one order, fetched to be saved and never to be run."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import encode_multipart

from kassa.orders.domain.upload_types import MAX_BYTES
from kassa.orders.models import Upload
from kassa.organizations.models import Organization
from tests.support.api_client import ApiClient, make_api_client
from tests.support.factories import (
    make_event,
    make_organization,
    make_question,
    make_ticket_type,
    make_upload,
)

pytestmark = pytest.mark.django_db(transaction=True)

PDF = b"%PDF-1.7\n" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))


@pytest.fixture
def organization() -> Organization:
    return make_organization()


@pytest.fixture
def api(organization: Organization) -> ApiClient:
    return make_api_client(organization)


def send(api: ApiClient, *files: tuple[str, bytes, str], part: str = "file", **more: Any) -> Any:
    form = {part: [SimpleUploadedFile(name, content, kind) for name, content, kind in files], **more}
    return Client().post("/api/v1/uploads", form, HTTP_AUTHORIZATION=f"Bearer {api.secret}")


def test_a_file_is_sent_named_and_fetched(organization: Organization, api: ApiClient) -> None:
    event = make_event(organization)
    student = make_ticket_type(event)
    make_question(event, "card", kind="file", is_required=True)

    sent = send(api, ('stud"ent.html', PDF, "text/html"))
    assert sent.status_code == 201, sent.content
    upload = sent.json()
    assert {name: upload[name] for name in ("name", "media_type", "size", "order")} == {
        "name": "student.html.pdf",
        "media_type": "application/pdf",
        "size": len(PDF),
        "order": None,
    }
    line = {"ticket_type": str(student.id), "attendees": [{"fields": {"card": upload["id"]}}]}
    placed = api.order(line)
    assert placed.status_code == 201, placed.content
    assert Upload.unscoped.get().order_id is not None
    again = api.order(line)
    assert (again.status_code, again.json()["code"]) == (409, "answer_invalid")

    fetched = api.get(f"/api/v1/uploads/{upload['id']}")
    assert (fetched.status_code, fetched.content) == (200, PDF)
    assert {name: fetched[name] for name in ("Content-Type", "X-Content-Type-Options")} == {
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
    }
    assert fetched["Content-Disposition"] == 'attachment; filename="student.html.pdf"'
    assert fetched["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in fetched["Cache-Control"]


def test_a_large_picture_passes_through_whole(api: ApiClient) -> None:
    content = JPEG + bytes(MAX_BYTES - len(JPEG))
    sent = send(api, ("me.jpeg", content, "image/jpeg"))
    assert sent.status_code == 201, sent.content
    assert api.get(f"/api/v1/uploads/{sent.json()['id']}").content == content


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<html><script>alert(1)</script>", 422, "invalid_input"),
        (b"MZ\x90\x00", 422, "invalid_input"),
        (b"", 422, "invalid_input"),
        (JPEG + bytes(MAX_BYTES), 413, "upload_too_large"),
        (JPEG + bytes(MAX_BYTES * 2), 413, "upload_too_large"),
    ],
    ids=["html", "program", "nothing", "too large", "far too large"],
)
def test_what_is_no_good_file_is_refused(api: ApiClient, content: bytes, status: int, code: str) -> None:
    answer = send(api, ("card.pdf", content, "application/pdf"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Upload.unscoped.count() == 0


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"nonsense", "multipart/form-data"),
        (b"nonsense", "multipart/form-data; boundary=" + "x" * 300),
        (
            b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\n%PDF-\r\n--x--",
            "multipart/form-data; boundary=x",
        ),
        (PDF, "application/pdf"),
        (b"{}", "application/json"),
        (b"file=%25PDF-", "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_with_a_file_is_refused(api: ApiClient, body: bytes, kind: str) -> None:
    answer = Client().generic(
        "POST", "/api/v1/uploads", body, content_type=kind, HTTP_AUTHORIZATION=f"Bearer {api.secret}"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), answer.content
    assert Upload.unscoped.count() == 0


def test_one_file_is_sent_at_once(api: ApiClient) -> None:
    card = ("card.pdf", PDF, "application/pdf")
    assert send(api, card, card).status_code == 422
    assert send(api, card, part="picture").status_code == 422
    assert send(api, *[card] * 150).status_code == 422
    assert send(api, card, **{f"f{nth}": "x" for nth in range(5500)}).status_code in {413, 422}
    assert Upload.unscoped.count() == 0


def test_files_of_others_are_not_there(organization: Organization, api: ApiClient) -> None:
    event = make_event(organization)
    student = make_ticket_type(event)
    make_question(event, "card", kind="file")
    theirs = make_upload(make_organization())
    answers = [api.get(f"/api/v1/uploads/{one}").json() for one in (theirs.id, uuid4())]
    assert answers[0] == answers[1]
    refusals = []
    for wanted in (theirs.id, uuid4()):
        line = {"ticket_type": str(student.id), "attendees": [{"fields": {"card": str(wanted)}}]}
        refusals.append(api.order(line).json())
    assert refusals[0] == refusals[1]
    assert refusals[0]["code"] == "answer_invalid"
    assert Upload.unscoped.get().order_id is None


def test_a_file_sent_again_under_its_key_is_kept_once(api: ApiClient) -> None:
    def send_as(boundary: str, content: bytes, key: str) -> Any:
        form = {"file": SimpleUploadedFile("card.pdf", content, "application/pdf")}
        return Client().generic(
            "POST",
            "/api/v1/uploads",
            encode_multipart(boundary, form),
            f"multipart/form-data; boundary={boundary}",
            headers={"Authorization": f"Bearer {api.secret}", "Idempotency-Key": key},
        )

    first, again = send_as("one", PDF, "card-1"), send_as("two", PDF, "card-1")
    other = send_as("two", PDF + b"%", "card-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert send_as("one", PDF, "card-2").json()["id"] != first.json()["id"]
    assert Upload.unscoped.count() == 2


def test_a_form_that_cannot_be_read_is_refused_under_a_key_too(api: ApiClient) -> None:
    answer = Client().generic(
        "POST",
        "/api/v1/uploads",
        b"--one\r\nnothing",
        "multipart/form-data; boundary=",
        headers={"Authorization": f"Bearer {api.secret}", "Idempotency-Key": "card-1"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert Upload.unscoped.count() == 0
