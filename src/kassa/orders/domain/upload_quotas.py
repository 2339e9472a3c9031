"""How much of buyers' files is stored: of each cart, of each API key, and of all together, in bytes.

Nothing is counted per organisation: what one visitor sends must not keep others from sending theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce, Greatest

from kassa.orders.errors import TooManyUploads, UploadStorageFull
from kassa.orders.models import Upload

SMALLEST_COUNTED = 64 * 1024
"""What the smallest file counts as, in bytes: its row costs something too."""
SHARE_OF_VISITORS = 4
"""Files of carts that no order has claimed may take up one part in so many of the storage."""

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
COUNT_OWN = """
SELECT coalesce(sum(greatest(size, %(smallest)s)), 0) FROM orders_upload
WHERE organization_id = %(organization)s AND order_id IS NULL
  AND (cart_id = %(cart)s OR (%(cart)s::uuid IS NULL AND cart_id IS NULL AND uploaded_by = %(key)s))
"""


@dataclass(frozen=True, slots=True)
class Uploader:
    """Who sends a file: the visitor of a cart, or a program with an API key, perhaps for a cart."""

    key_id: UUID | None = None
    """None: a visitor of a page."""
    cart_id: UUID | None = None
    """What it is counted for. None: for the key."""

    @property
    def limit(self) -> int:
        """How many bytes may wait to be claimed by an order."""
        return settings.UPLOAD_KEY_BYTES if self.cart_id is None else settings.UPLOAD_CART_BYTES


def counted_size(size: int) -> int:
    """Return what a file counts as, in bytes."""
    return max(size, SMALLEST_COUNTED)


def check_quotas(organization_id: UUID, uploader: Uploader, *, size: int) -> None:
    """Let a file be kept. Call it in the transaction that writes it: until its end others wait.

    Raises:
        TooManyUploads: those of this uploader that wait to be claimed would be too large together.
        UploadStorageFull: there is no room for it in the database.
    """
    parameters: dict[str, Any] = {
        "smallest": SMALLEST_COUNTED,
        "organization": organization_id,
        "cart": uploader.cart_id,
        "key": uploader.key_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"kassa.uploads:{uploader.cart_id or uploader.key_id}"])
        cursor.execute(COUNT_OWN, parameters)
        [own] = cursor.fetchone()
        if own + counted_size(size) > uploader.limit:
            raise TooManyUploads(uploader.limit)
    everything, of_visitors = _count_all()
    is_full = everything + counted_size(size) > settings.UPLOAD_STORAGE_BYTES
    share = settings.UPLOAD_STORAGE_BYTES // SHARE_OF_VISITORS
    if is_full or (uploader.cart_id is not None and of_visitors + counted_size(size) > share):
        raise UploadStorageFull


def _count_all() -> tuple[int, int]:
    """Return the bytes of all files of all organisations, and of those of carts that nobody has ordered."""
    counted = Greatest("size", SMALLEST_COUNTED)
    waiting = Q(order__isnull=True, cart_id__isnull=False)
    found = Upload.unscoped.aggregate(
        all=Coalesce(Sum(counted), 0), waiting=Coalesce(Sum(counted, filter=waiting), 0)
    )
    return found["all"], found["waiting"]
