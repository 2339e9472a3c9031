"""The kinds of files that can be imported, by name."""

from __future__ import annotations

from kassa.importers.bookings import BOOKINGS
from kassa.importers.order_files import ORDERS
from kassa.importers.tickets import TICKETS

FORMATS = {one.name: one for one in (TICKETS, BOOKINGS, ORDERS)}
