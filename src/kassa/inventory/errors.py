from __future__ import annotations

from uuid import UUID

from kassa.core.errors import Conflict


class CapacityBelowTaken(Conflict):
    """More places are reserved or sold than the new capacity has."""

    code = "capacity_below_taken"
    title = "More places are taken"

    def __init__(self, *, quota: UUID, reserved: int, sold: int) -> None:
        super().__init__(
            f"{reserved + sold} places are taken ({reserved} reserved, {sold} sold). "
            f"Choose at least {reserved + sold}.",
            quota=quota,
            reserved=reserved,
            sold=sold,
            taken=reserved + sold,
        )
