"""Measuring the database's clock, at the start of a process and every few seconds from then on."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from django.db import DatabaseError, connection
from psycopg_pool import PoolTimeout

from kassa.core.clock import Measurement, measure, process_clock

MEASURE_SECONDS = 5.0

logger = logging.getLogger(__name__)


def set_clock() -> bool:
    """Measure the database's clock once, by a connection that is given back; False: it did not answer."""
    try:
        process_clock.follow(measure_database())
    except (DatabaseError, PoolTimeout) as error:
        logger.info("The database's clock could not be read: %s", error)
        return False
    finally:
        connection.close()
    return True


def follow_database() -> None:
    """Set the clock, and go on doing so in a thread of its own for as long as this process runs.

    To be called once in every process that serves or works, after it was forked.
    """
    set_clock()
    never = threading.Event()

    def go_on() -> None:
        while not never.wait(MEASURE_SECONDS):
            set_clock()

    threading.Thread(target=go_on, name="clock", daemon=True).start()


def measure_database() -> Measurement:
    """Return how far the database's clock is ahead of this machine's. Raises what a query raises."""
    return measure(_ask_database)


def _ask_database() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)
