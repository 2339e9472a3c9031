"""Check-in lists of the demo: a way in for everything that takes place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kassa.admission.domain.lists import create_list
from kassa.catalog.enums import EventKind
from kassa.catalog.queries import events_of
from kassa.core.command_context import CommandContext
from kassa.demo.houses import House

DOORS: dict[str, dict[str, Any]] = {
    EventKind.EVENT: {
        "name": "Entrance",
        "gates": ["North door", "South door"],
        "entry_rule": "after_exit",
        "counts_exits": True,
    },
    EventKind.TRIP: {"name": "Boarding"},
    EventKind.COURSE: {"name": "Attendance", "entry_rule": "unlimited"},
}
"""Without times: all is days ahead, and whoever tries the demo wants to scan at once."""


def open_doors(houses: Iterable[House], *, now: datetime) -> None:
    """Make one list for each event, trip and course."""
    for house in houses:
        for event in events_of(house.id).order_by("id"):
            create_list(CommandContext(house.manager, now), event.id, fields=DOORS[event.kind])
