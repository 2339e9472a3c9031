"""Filling an empty Kassa with something to look at and to buy."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from kassa.demo.bus_company import load_bus_company
from kassa.demo.concert_hall import load_concert_hall
from kassa.demo.doors import open_doors
from kassa.demo.keys import keep_demo_keys
from kassa.demo.lock import lock_demo
from kassa.demo.looks import dress_tickets
from kassa.demo.school import load_school
from kassa.demo.shop import load_shop
from kassa.demo.tenants import is_demo_loaded

TRADES = (load_concert_hall, load_bus_company, load_school, load_shop)


def load_demo_data(*, now: datetime) -> bool:
    """Load the demo, all or nothing, and keep its keys; return False if it is there already.

    Dates are counted from ``now``. Of several starts at once one loads and the others wait for it.
    """
    with _without_security_lines(), transaction.atomic():
        lock_demo()
        if is_demo_loaded():
            return False
        houses = [load_trade(now=now) for load_trade in TRADES]
        open_doors(houses, now=now)
        dress_tickets(houses, now=now)
    # After the commit: a file of keys that were never made is worse than none, which is made good.
    keep_demo_keys(house.key for house in houses)
    return True


@contextmanager
def _without_security_lines() -> Iterator[None]:
    """Write no lines about keys and members that nobody made: they would bury the addresses of a first start.

    The security log itself has its entries.
    """
    logger, here = logging.getLogger("kassa.security"), threading.get_ident()

    def is_of_others(record: logging.LogRecord) -> bool:
        return record.thread != here

    logger.addFilter(is_of_others)
    try:
        yield
    finally:
        logger.removeFilter(is_of_others)
