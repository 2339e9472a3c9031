"""Placing orders: many at once, in one transaction, none harming another."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction

from kassa.core.errors import InvalidInput, Locked
from kassa.sales.domain.batch import Batch
from kassa.sales.domain.expire import release_if_possible
from kassa.sales.domain.lock_room import StaleRead
from kassa.sales.domain.outcome import Outcome
from kassa.sales.domain.request import OrderRequest
from kassa.sales.errors import (
    AlreadyBooked,
    CouponExhausted,
    CouponUsed,
    LimitPerCustomer,
    SeatTaken,
    SoldOut,
)

logger = logging.getLogger("kassa.sales")

RELEASABLE = (SoldOut, SeatTaken, CouponUsed, CouponExhausted, AlreadyBooked, LimitPerCustomer)
"""Refusals that may be due to a hold that is over but not yet released."""
LOCK_NOT_AVAILABLE = "55P03"
ABOUT_ORDERS = frozenset({"22", "23", "40"})
"""Classes of errors: data that does not fit, a constraint, a transaction that lost against another."""
"""PostgreSQL's code for a lock that was not had in time."""


def place_orders(organization_id: UUID, requests: Sequence[OrderRequest], *, now: datetime) -> list[Outcome]:
    """Place orders of one organisation, first come first served; one outcome for each request.

    One transaction for all of them. If the database refuses it, each is placed by itself, so
    that one bad request never harms its neighbours. What is refused for want of places is
    tried once more if holds that were over could be released.
    """
    outcomes = _place_together(organization_id, requests, now)
    short = [index for index, outcome in enumerate(outcomes) if isinstance(outcome, RELEASABLE)]
    if short and release_if_possible(organization_id, now=now):
        again = _place_together(organization_id, [requests[index] for index in short], now)
        for index, outcome in zip(short, again, strict=True):
            outcomes[index] = outcome
    return outcomes


def _place_together(organization_id: UUID, requests: Sequence[OrderRequest], now: datetime) -> list[Outcome]:
    try:
        return _place(organization_id, requests, now)
    except (DatabaseError, StaleRead) as error:
        if isinstance(error, DatabaseError) and not _is_about_orders(error):
            raise
        if len(requests) == 1:
            return [_place_alone(organization_id, requests[0], now, error)]
        if _sqlstate(error) == LOCK_NOT_AVAILABLE:
            # One by one, each of them would wait as long again.
            return [_locked() for _ in requests]
        logger.info("A batch of %d orders is placed one by one: %s", len(requests), error)
        return [
            outcome for request in requests for outcome in _place_together(organization_id, [request], now)
        ]


def _is_about_orders(error: DatabaseError) -> bool:
    """Say whether the database refuses what the orders want, rather than not being able to work at all."""
    sqlstate = _sqlstate(error)
    return sqlstate is not None and (sqlstate[:2] in ABOUT_ORDERS or sqlstate == LOCK_NOT_AVAILABLE)


def _sqlstate(error: Exception) -> str | None:
    """Return the database's own code of an error; None: it did not come from the database."""
    return getattr(error.__cause__, "sqlstate", None)


def _locked() -> Locked:
    return Locked("Others are buying the same places just now. Send the order again.")


def _place_alone(
    organization_id: UUID, request: OrderRequest, now: datetime, error: DatabaseError | StaleRead
) -> Outcome:
    """Try once more: by now the winner of a race is visible, so the refusal can name it."""
    waited = _sqlstate(error) == LOCK_NOT_AVAILABLE
    if isinstance(error, StaleRead | IntegrityError) or (_is_passing(error) and not waited):
        try:
            return _place(organization_id, [request], now)[0]
        except StaleRead:
            return Locked("The seats are being changed just now. Send the order again.")
        except DatabaseError as again:
            if not _is_about_orders(again):
                raise
            error = again
    if _is_passing(error):
        return _locked()
    logger.error("An order was refused by the database: %s", error)
    return InvalidInput("The order holds something that cannot be kept. Check its texts and numbers.")


def _is_passing(error: Exception) -> bool:
    """Say whether the same order may go well a moment later: a lock, a deadlock, a race lost once more."""
    return _sqlstate(error) in {LOCK_NOT_AVAILABLE, "40P01", "40001", "23505"}


def _place(organization_id: UUID, requests: Sequence[OrderRequest], now: datetime) -> list[Outcome]:
    # The statements are psycopg's own; whoever catches their errors knows them by Django's names.
    with connection.wrap_database_errors, transaction.atomic():
        return Batch(organization_id, requests, now).place()
