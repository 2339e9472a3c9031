"""Files that answer questions: kept, claimed by one order each, forgotten if nobody claims them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from kassa.catalog.errors import AnswerInvalid
from kassa.core.database import Statements, plain_array, statements
from kassa.core.errors import InvalidInput
from kassa.orders.domain.upload_quotas import Uploader, check_quotas
from kassa.orders.domain.upload_types import MAX_BYTES, tidy_name, type_of
from kassa.orders.errors import UploadTooLarge
from kassa.orders.models import Upload

UNCLAIMED_KEPT = timedelta(days=1)

LOCK_UPLOADS = """
SELECT id, order_id FROM orders_upload
WHERE organization_id = %s AND id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
CLAIM_UPLOADS = """
UPDATE orders_upload u SET order_id = claimed.order_id
FROM unnest(%s::uuid[], %s::uuid[]) AS claimed(id, order_id)
WHERE u.organization_id = %s AND u.id = claimed.id AND u.order_id IS NULL
"""


def keep_upload(
    organization_id: UUID, *, name: str, content: bytes, uploader: Uploader, now: datetime
) -> Upload:
    """Keep a file until an order claims it, a day at most.

    Raises:
        InvalidInput: it is empty, or neither a PDF nor a JPEG or PNG picture.
        UploadTooLarge: it is longer than is taken.
        TooManyUploads: those of this uploader that wait to be claimed would be too large together.
        UploadStorageFull: there is no room for it in the database.
    """
    if len(content) > MAX_BYTES:
        raise UploadTooLarge(MAX_BYTES)
    kind = type_of(content)
    if kind is None:
        raise InvalidInput("Send a PDF document or a JPEG or PNG picture.", field="file")
    with transaction.atomic():
        check_quotas(organization_id, uploader, size=len(content))
        return Upload.unscoped.create(
            organization_id=organization_id,
            name=tidy_name(name, kind),
            media_type=kind,
            size=len(content),
            content=content,
            uploaded_by=uploader.key_id,
            cart_id=uploader.cart_id,
            created_at=now,
        )


def lock_uploads(
    database: Statements, organization_id: UUID, upload_ids: Iterable[UUID]
) -> psycopg.Cursor[Any]:
    """Lock uploads in the order of their ids and read which order has claimed each."""
    return database.queue(LOCK_UPLOADS, (organization_id, plain_array(sorted(upload_ids))))


def claim_uploads(database: Statements, organization_id: UUID, claims: Mapping[UUID, UUID]) -> None:
    """Give locked uploads to the orders that name them, in one statement; by upload."""
    if claims:
        database.queue(
            CLAIM_UPLOADS, (plain_array(claims.keys()), plain_array(claims.values()), organization_id)
        )


def claim_for_order(organization_id: UUID, order_id: UUID, files: Mapping[str, UUID]) -> None:
    """Give an order that there is the files that answer its questions; ``files`` is by question.

    What is its own already stays so. Call it in the transaction that writes the answers.

    Raises:
        AnswerInvalid: the organisation has no such upload, or another order has it.
    """
    if not files:
        return
    with transaction.atomic():
        database = statements()
        owners = dict(lock_uploads(database, organization_id, set(files.values())).fetchall())
        for question, upload_id in files.items():
            if owners.get(upload_id, upload_id) not in (None, order_id):
                raise upload_unknown(question)
        claim_uploads(database, organization_id, dict.fromkeys(files.values(), order_id))


def upload_unknown(question: str, **place: Any) -> AnswerInvalid:
    """Return the refusal of a file that is not there for this order: never sent, forgotten, or another's."""
    return AnswerInvalid(
        "There is no such upload that is free. Send the file again.", question=question, **place
    )


def forget_unclaimed(*, now: datetime) -> int:
    """Delete what no order has claimed for a day, of every organisation; return how many files that were."""
    old = Upload.unscoped.filter(order=None, created_at__lt=now - UNCLAIMED_KEPT)
    return old.delete()[0]
