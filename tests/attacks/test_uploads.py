"""Whoever sends files and orders nothing fills neither the database nor the way of others."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client

from kassa.core.clock import utc_now
from kassa.core.errors import KassaError
from kassa.core.ids import new_id
from kassa.core.rate_limits import clear_rate_limits
from kassa.orders.domain import upload_quotas, uploads
from kassa.orders.domain.upload_quotas import SMALLEST_COUNTED, Uploader
from kassa.orders.domain.uploads import keep_upload
from kassa.orders.models import Upload
from tests.storefront.checkout.world import Till, a_file, a_till, error_of, text_of
from tests.support.factories import line, make_key, make_organization, make_question, make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)

PDF = b"%PDF-1.7 tiny"
TOO_LARGE = "Your files are too large together. Choose smaller ones, or order in several parts."
TOO_OFTEN = "That was a lot in a short time. Please wait a few minutes and try again."
NO_ROOM = "We can’t accept more files right now. Please contact the organiser."


def a_student() -> tuple[Till, str]:
    till = a_till()
    student = make_ticket_type(till.event, name="Student")
    make_question(till.event, "card", kind="file", is_required=True)
    till.fill(line(student))
    return till, f"t-{student.id}-0-answer-card"


def another_visitor(till: Till) -> Till:
    """Return somebody else with a cart of their own, at the same address."""
    other = Till(till.organization, till.event)
    other.fill(*(line(item.ticket_type) for item in till.items() if item.ticket_type))
    return other


def send(till: Till, field: str) -> str | None:
    """Send a file with the form and return what the page says beside its field. None: it was stored."""
    answer = till.order(email="ada@exam", **{field: a_file()})
    if "“card.pdf” is here." in text_of(answer):
        return None
    return error_of(answer, field)


def send_by_key(secret: str, **more: Any) -> Any:
    form = {"file": SimpleUploadedFile("card.pdf", PDF, "application/pdf"), **more}
    return Client().post("/api/v1/uploads", form, HTTP_AUTHORIZATION=f"Bearer {secret}")


def test_thousands_of_tiny_files_of_one_cart_keep_nobody_from_sending_theirs() -> None:
    till, field = a_student()
    Upload.unscoped.bulk_create(
        Upload(
            organization_id=till.organization.id,
            cart_id=till.cart_id,
            name="card.pdf",
            media_type="application/pdf",
            size=len(PDF),
            content=PDF,
        )
        for _ in range(1600)
    )

    assert send(till, field) == TOO_LARGE
    assert send(another_visitor(till), field) is None
    assert send_by_key(make_key(till.organization)).status_code == 201


def test_one_cart_sends_no_more_than_its_share(settings: Any) -> None:
    till, field = a_student()
    settings.UPLOAD_CART_BYTES = 3 * SMALLEST_COUNTED

    said = [send(till, field) for _ in range(5)]

    assert said == [None, None, None, TOO_LARGE, TOO_LARGE]
    assert Upload.unscoped.count() == 3
    settings.UPLOAD_CART_BYTES = 4 * SMALLEST_COUNTED  # the control: it is the limit that stops it
    assert send(till, field) is None


def test_one_address_sends_no_more_from_many_carts(settings: Any) -> None:
    till, field = a_student()
    settings.RATES = {"uploads": (1, 3600, 3 * SMALLEST_COUNTED)}

    said = [send(another_visitor(till), field) for _ in range(5)]

    assert said == [None, None, None, TOO_OFTEN, TOO_OFTEN]
    assert Upload.unscoped.count() == 3
    clear_rate_limits()  # what this process has counted: the database goes on counting
    assert send(another_visitor(till), field) == TOO_OFTEN
    assert send_by_key(make_key(till.organization)).status_code == 201
    settings.RATES = {"uploads": None}
    assert send(another_visitor(till), field) is None


def test_one_network_sends_no_more_from_many_addresses(settings: Any) -> None:
    till, field = a_student()
    settings.TRUSTED_PROXIES = 1
    settings.RATES = {"uploads_network": (1, 3600, 2 * SMALLEST_COUNTED)}
    said = []
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1"):
        visitor = another_visitor(till)
        visitor.client.defaults["HTTP_X_FORWARDED_FOR"] = address
        said.append(send(visitor, field))

    assert said == [None, None, TOO_OFTEN, None]


def test_visitors_fill_no_more_than_their_part_of_the_storage(settings: Any) -> None:
    till, field = a_student()
    settings.UPLOAD_STORAGE_BYTES = 8 * SMALLEST_COUNTED
    secret = make_key(till.organization)

    said = [send(another_visitor(till), field) for _ in range(4)]

    assert said == [None, None, NO_ROOM, NO_ROOM]
    answers = [send_by_key(secret) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [201] * 6 + [507]
    assert answers[-1].json()["code"] == "upload_storage_full"
    assert Upload.unscoped.count() == 8


def test_buyers_of_a_shop_with_a_key_are_counted_apart(settings: Any) -> None:
    till, _ = a_student()
    settings.UPLOAD_CART_BYTES = settings.UPLOAD_KEY_BYTES = 2 * SMALLEST_COUNTED
    secret, cart, other = make_key(till.organization), till.cart_id, another_visitor(till).cart_id

    sent = [send_by_key(secret, cart=str(one)).status_code for one in (cart, cart, cart, other)]

    assert sent == [201, 201, 409, 201]
    assert send_by_key(secret).status_code == 201
    foreign = send_by_key(make_key(make_organization()), cart=str(cart))
    for refused in (foreign, send_by_key(secret, cart=str(new_id())), send_by_key(secret, cart="x")):
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cart")


RACERS = 5


def race(organization_id: Any) -> int:
    """Send several files of one cart at once, and return how many were stored."""
    uploader, start = Uploader(cart_id=new_id()), threading.Barrier(RACERS)
    stored = []

    def run() -> None:
        start.wait(10)
        try:
            keep_upload(organization_id, name="card.pdf", content=PDF, uploader=uploader, now=utc_now())
            stored.append(1)
        except KassaError:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return len(stored)


def test_files_sent_at_once_do_not_pass_the_limit(settings: Any) -> None:
    settings.UPLOAD_CART_BYTES = 3 * SMALLEST_COUNTED
    assert race(make_organization().id) == 3


def test_control_without_the_lock_they_do(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.UPLOAD_CART_BYTES = 3 * SMALLEST_COUNTED
    everybody = threading.Barrier(RACERS)
    check = upload_quotas.check_quotas

    def check_together(*args: Any, **given: Any) -> None:
        check(*args, **given)
        everybody.wait(10)

    monkeypatch.setattr(upload_quotas, "LOCK", "SELECT %s")
    monkeypatch.setattr(uploads, "check_quotas", check_together)

    assert race(make_organization().id) == RACERS
