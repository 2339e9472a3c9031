"""A batch of old orders in one transaction; if the database refuses it, each by itself."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from kassa.core.database import statements
from kassa.importers.errors import CannotImport, Rejected
from kassa.importers.found import Found, read_found
from kassa.importers.old import OldOrder
from kassa.importers.plan import Plan, add_customer_keys, plan_order, purchase_key
from kassa.importers.room import Room, Taken
from kassa.importers.write import write_orders
from kassa.orders.queries import orders_of

logger = logging.getLogger("kassa.importers")

ATTEMPTS = 5
"""How often a batch is tried whose rows others hold; each attempt waits for the locks as a sale does."""
PASSING = frozenset({"55P03", "40P01", "40001"})
"""PostgreSQL's codes for a lock that was not had in time, a deadlock, a serialization failure."""


class Result(Enum):
    IMPORTED = "imported"
    PRESENT = "present"
    """It was imported before, with the same contents."""
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an old order."""

    order: OldOrder
    result: Result
    reason: str = ""
    line: int | None = None
    """Which row a rejection is about. None: the order as a whole."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Imports orders of one older system into one organisation."""

    organization_id: UUID
    system: str
    now: datetime
    rehearsal: Room | None = None
    """What a rehearsal has given out so far. None: it is no rehearsal, and orders are written."""

    def import_orders(self, orders: Sequence[OldOrder]) -> list[Outcome]:
        """Import orders that fit, first come first served; one outcome for each.

        Raises:
            CannotImport: the database is gone, or its rows are held by others for too long.
        """
        try:
            return self._persist(orders)
        except DatabaseError as error:
            if _sqlstate(error) in PASSING:
                raise CannotImport(
                    "Others are changing the same places just now. Run the import again: it goes on here."
                ) from error
            if _is_lost(error):
                raise CannotImport(
                    "The connection to the database is lost. Run the import again: it goes on here."
                ) from error
            if len(orders) == 1:
                logger.warning("An order was refused by the database: %s", error)
                return [_refused(orders[0], error)]
            return [outcome for order in orders for outcome in self.import_orders([order])]

    def _persist(self, orders: Sequence[OldOrder]) -> list[Outcome]:
        for _ in range(ATTEMPTS - 1):
            try:
                return self._import(orders)
            except DatabaseError as error:
                if _sqlstate(error) not in PASSING:
                    raise
        return self._import(orders)

    def _import(self, orders: Sequence[OldOrder]) -> list[Outcome]:
        # The statements are psycopg's own; here their errors are known by Django's names.
        with connection.wrap_database_errors, transaction.atomic():
            database = statements()
            outcomes = self._find_present(orders)
            new = [order for order in orders if order.purchase not in outcomes]
            found = read_found(database, self.organization_id, new)
            plans = self._plan(new, found, outcomes)
            add_customer_keys(database, plans, merge_sub_addresses=found.merge_sub_addresses)
            room = self.rehearsal or Room(self.organization_id, is_rehearsal=False)
            room.open_for(database, plans)
            taken = self._take(plans, room, outcomes)
            if taken and self.rehearsal is None:
                write_orders(database, self.organization_id, taken, system=self.system, now=self.now)
        return [outcomes[order.purchase] for order in orders]

    def _find_present(self, orders: Sequence[OldOrder]) -> dict[str, Outcome]:
        """Return the outcomes of orders that have been imported before, by purchase."""
        outcomes: dict[str, Outcome] = {}
        keys: dict[str, OldOrder] = {}
        for order in orders:
            try:
                keys[purchase_key(self.system, order)] = order
            except Rejected as rejected:
                outcomes[order.purchase] = _rejection(order, rejected)
        rows = orders_of(self.organization_id).filter(idempotency_key__in=list(keys))
        for key, number, fingerprint in rows.values_list("idempotency_key", "number", "fingerprint"):
            order = keys[key]
            if bytes(fingerprint) == order.fingerprint:
                outcomes[order.purchase] = Outcome(order, Result.PRESENT)
            else:
                reason = f"It was imported before as {number}, from other rows. That order stays as it is."
                outcomes[order.purchase] = Outcome(order, Result.REJECTED, reason)
        return outcomes

    def _plan(self, orders: Sequence[OldOrder], found: Found, outcomes: dict[str, Outcome]) -> list[Plan]:
        plans: list[Plan] = []
        for order in orders:
            try:
                plans.append(plan_order(order, found, system=self.system, now=self.now))
            except Rejected as rejected:
                outcomes[order.purchase] = _rejection(order, rejected)
        return plans

    def _take(self, plans: Sequence[Plan], room: Room, outcomes: dict[str, Outcome]) -> list[Taken]:
        taken: list[Taken] = []
        for plan in plans:
            try:
                taken.append(room.take(plan))
            except Rejected as rejected:
                outcomes[plan.old.purchase] = _rejection(plan.old, rejected)
            else:
                outcomes[plan.old.purchase] = Outcome(plan.old, Result.IMPORTED)
        return taken


def _rejection(order: OldOrder, rejected: Rejected) -> Outcome:
    return Outcome(order, Result.REJECTED, rejected.sentence, rejected.line)


def _refused(order: OldOrder, error: DatabaseError) -> Outcome:
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    rule = f" (rule '{constraint}')" if constraint else ""
    return Outcome(order, Result.REJECTED, f"The database refused it{rule}. Check its texts and numbers.")


def _sqlstate(error: DatabaseError) -> str | None:
    """Return the database's own code of an error; None: it did not come from the database."""
    return getattr(error.__cause__, "sqlstate", None)


def _is_lost(error: DatabaseError) -> bool:
    sqlstate = _sqlstate(error)
    return sqlstate is None or sqlstate.startswith("57P")
