from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError
from psycopg import errors as postgres

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


def violated_constraint(error: IntegrityError) -> str:
    """Return the name of the constraint that the database says was broken, or an empty text."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, postgres.IntegrityError) else ""
