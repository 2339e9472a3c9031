"""Row locks on coupons: after quotas and seats, before orders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg

from kassa.core.database import Statements, plain_array

LOCK_COUPONS = """
SELECT id, current_usage_count, max_usage_total, max_usage_per_user FROM coupons_coupon
WHERE organization_id = %s AND id = ANY(%s::uuid[])
ORDER BY id FOR NO KEY UPDATE
"""


def lock_coupons(
    database: Statements, organization_id: UUID, coupon_ids: Iterable[UUID]
) -> psycopg.Cursor[Any]:
    """Lock coupons by key and read how often they were and may be used."""
    return database.queue(LOCK_COUPONS, (organization_id, plain_array(set(coupon_ids))))
