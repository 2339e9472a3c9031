"""Files of buyers: known by what is in them, kept for one order, forgotten if no order names them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from kassa.catalog.errors import AnswerInvalid
from kassa.core.clock import utc_now
from kassa.core.errors import InvalidInput, NotFound
from kassa.core.ids import new_id
from kassa.orders.domain.upload_quotas import SMALLEST_COUNTED, Uploader
from kassa.orders.domain.upload_types import LONGEST_NAME, MAX_BYTES, tidy_name, type_of
from kassa.orders.domain.uploads import UNCLAIMED_KEPT, claim_for_order, forget_unclaimed, keep_upload
from kassa.orders.enums import UploadType
from kassa.orders.errors import TooManyUploads, UploadStorageFull, UploadTooLarge
from kassa.orders.models import Order, Upload
from kassa.orders.queries import upload_of
from tests.support.factories import line, make_organization, make_upload
from tests.support.sale_world import World

PDF = b"%PDF-1.7\n"
PNG = b"\x89PNG\r\n\x1a\n...."
JPEG = b"\xff\xd8\xff\xe0...."
BOX_OFFICE = Uploader(key_id=new_id())


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (b" " + PDF, None),
        (b"<html>%PDF-", None),
        (b"GIF89a", None),
        (b"MZ\x90\x00", None),
        (b"PK\x03\x04", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"%PDF", None),
        (b"", None),
    ],
)
def test_a_file_is_what_is_in_it(content: bytes, kind: str | None) -> None:
    assert type_of(content) == kind


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("card.PDF", "card.pdf"),
        ("card", "card.pdf"),
        ("card.exe", "card.exe.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\ada\\card.pdf", "card.pdf"),
        ('a"b\r\nc;d.pdf', "abc;d.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("carte d'étudiante.pdf", "carte d'étudiante.pdf"),
        ("بطاقة.pdf", "بطاقة.pdf"),
        ("", "file.pdf"),
        (".pdf", "file.pdf"),
        ("...", "file.pdf"),
    ],
)
def test_a_file_has_a_name_that_can_be_saved(name: str, tidy: str) -> None:
    assert tidy_name(name, UploadType.PDF) == tidy


@given(st.text(max_size=400), st.sampled_from(UploadType))
def test_any_name_becomes_one_that_fits(name: str, kind: UploadType) -> None:
    tidy = tidy_name(name, kind)
    assert 5 <= len(tidy) <= LONGEST_NAME
    assert tidy.isprintable() or " " in tidy or not tidy.isascii()
    assert not set(tidy) & set('/\\"\r\n\x00')
    assert tidy_name(tidy, kind) == tidy


def keep(world: World, content: bytes = PDF, **fields: Any) -> Upload:
    given = {"name": "card.pdf", "uploader": BOX_OFFICE, "now": utc_now(), **fields}
    return keep_upload(world.organization.id, content=content, **given)


def test_a_file_is_kept_as_it_was_sent(world: World) -> None:
    content = PNG + bytes(range(256)) * 1000
    kept = upload_of(world.organization.id, keep(world, content, name="me.jpg").id)
    assert bytes(kept.content) == content
    assert (kept.name, kept.media_type, kept.size) == ("me.jpg.png", "image/png", len(content))
    with pytest.raises(NotFound):
        upload_of(make_organization().id, kept.id)


def test_what_is_no_picture_or_too_large_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput):
        keep(world, b"#!/bin/sh")
    with pytest.raises(UploadTooLarge):
        keep(world, PDF + bytes(MAX_BYTES))
    keep(world, PDF + bytes(MAX_BYTES - len(PDF)))
    assert Upload.unscoped.count() == 1


@pytest.mark.parametrize("uploader", [BOX_OFFICE, Uploader(cart_id=new_id())], ids=["key", "cart"])
def test_only_so_much_of_one_uploader_waits(world: World, settings: Any, uploader: Uploader) -> None:
    settings.UPLOAD_KEY_BYTES = settings.UPLOAD_CART_BYTES = 3 * SMALLEST_COUNTED
    large = PDF + bytes(2 * SMALLEST_COUNTED - len(PDF))
    first = keep(world, large, uploader=uploader)
    keep(world, uploader=uploader)
    for content in (PDF, large):
        with pytest.raises(TooManyUploads):
            keep(world, content, uploader=uploader)
    for other in (Uploader(key_id=new_id()), Uploader(cart_id=new_id())):
        keep(world, large, uploader=other)
    claim_for_order(world.organization.id, world.place(line(world.standing)).id, {"card": first.id})
    keep(world, large, uploader=uploader)


def test_database_holds_only_so_much(world: World, settings: Any) -> None:
    settings.UPLOAD_STORAGE_BYTES = 8 * SMALLEST_COUNTED
    for _ in range(2):  # a quarter is for what visitors have sent and not ordered yet
        keep(world, uploader=Uploader(cart_id=new_id()))
    with pytest.raises(UploadStorageFull):
        keep(world, uploader=Uploader(cart_id=new_id()))
    claimed = [keep(world).id for _ in range(6)]
    with pytest.raises(UploadStorageFull):
        keep(world)
    assert Upload.unscoped.count() == 8
    files = {str(nth): upload_id for nth, upload_id in enumerate(claimed)}
    claim_for_order(world.organization.id, world.place(line(world.standing)).id, files)
    with pytest.raises(UploadStorageFull):
        keep(world)


def test_files_that_no_order_names_are_forgotten_after_a_day(world: World) -> None:
    now = utc_now()
    order_id = world.place(line(world.standing)).id
    old = now - UNCLAIMED_KEPT - timedelta(seconds=1)
    claimed = make_upload(world.organization, created_at=old, order_id=order_id)
    fresh = make_upload(world.organization, created_at=now - UNCLAIMED_KEPT + timedelta(seconds=1))
    make_upload(world.organization, created_at=old)
    make_upload(make_organization(), created_at=old)
    assert forget_unclaimed(now=now) == 2
    assert set(Upload.unscoped.values_list("id", flat=True)) == {claimed.id, fresh.id}


def test_a_file_is_claimed_by_one_order(world: World) -> None:
    organization_id = world.organization.id
    mine, other = (world.place(line(world.standing)).id for _ in range(2))
    files = {"card": make_upload(world.organization).id, "form": make_upload(world.organization).id}
    claim_for_order(organization_id, mine, files)
    claim_for_order(organization_id, mine, files)
    free = make_upload(world.organization).id
    with pytest.raises(AnswerInvalid) as caught:
        claim_for_order(organization_id, other, {"free": free, **files})
    assert caught.value.details["question"] == "card"
    with pytest.raises(AnswerInvalid):
        claim_for_order(organization_id, mine, {"card": make_upload(make_organization()).id})
    assert Upload.unscoped.get(id=free).order_id is None
    assert set(Upload.unscoped.filter(id__in=files.values()).values_list("order_id", flat=True)) == {mine}


def test_the_database_keeps_files_apart_and_small(world: World) -> None:
    upload = make_upload(world.organization)
    stranger = World()
    theirs = Order.unscoped.get(id=stranger.place(line(stranger.standing)).id)
    wrong: list[dict[str, Any]] = [
        {"order_id": theirs.id},
        {"media_type": "text/html"},
        {"size": 0},
        {"size": MAX_BYTES + 1},
    ]
    for columns in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Upload.objects.of(world.organization.id).filter(id=upload.id).update(**columns)
