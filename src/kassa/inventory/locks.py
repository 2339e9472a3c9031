"""Row locks on quotas: the first in the one order of locks (quotas, seats, coupons, orders)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg

from kassa.core.database import Statements, plain_array

LOCK_QUOTAS = """
SELECT id, capacity - reserved - sold FROM inventory_quota
WHERE organization_id = %s AND id = ANY(%s::uuid[])
ORDER BY id FOR NO KEY UPDATE
"""

READ_QUOTAS = """
SELECT id, capacity - reserved - sold FROM inventory_quota
WHERE organization_id = %s AND id = ANY(%s::uuid[])
"""


def lock_quotas(
    database: Statements, organization_id: UUID, quota_ids: Iterable[UUID]
) -> psycopg.Cursor[Any]:
    """Lock quotas by key and read ``(id, available)``; they stay so until the transaction ends."""
    return database.queue(LOCK_QUOTAS, (organization_id, plain_array(set(quota_ids))))


def read_quotas(
    database: Statements, organization_id: UUID, quota_ids: Iterable[UUID]
) -> psycopg.Cursor[Any]:
    """Read ``(id, available)`` without a lock: enough to refuse early, never to sell."""
    return database.queue(READ_QUOTAS, (organization_id, plain_array(set(quota_ids))))
