"""How often a coupon has been used."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from kassa.core.database import Statements, plain_array

COUNT_USES = """
UPDATE coupons_coupon c SET current_usage_count = c.current_usage_count + d.uses
FROM unnest(%s::uuid[], %s::int[]) AS d(id, uses)
WHERE c.organization_id = %s AND c.id = d.id
"""


def count_uses(database: Statements, organization_id: UUID, uses: Mapping[UUID, int]) -> None:
    """Add uses (or take them back, if negative); the caller holds the coupons' locks."""
    changed = sorted(coupon_id for coupon_id, count in uses.items() if count)
    if changed:
        database.queue(
            COUNT_USES,
            (plain_array(changed), plain_array([uses[coupon_id] for coupon_id in changed]), organization_id),
        )
