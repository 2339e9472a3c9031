"""The pictures of the scanner in the documentation, made anew:

``.venv/bin/python -m pytest tests/checkin/screenshots.py``. Look at them before they are committed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from kassa.core.clock import utc_now
from kassa.orders.models import Ticket
from tests.checkin.door import Door
from tests.checkin.phone import Phone
from tests.support.factories import make_ticket_type

pytestmark = pytest.mark.django_db(transaction=True)

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
NAMES = ("Ada Lovelace", "Zoë Müller", "Nora Lind", "محمد عبد الله", "王小明", "Jean-Baptiste de La Fontaine")
LAPTOP = {"width": 1280, "height": 800}
WAVE = (1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 2, 1, 1, 1)
"""How many come in each pair of minutes of the last three quarters of an hour."""


def take(phone: Phone, name: str) -> None:
    phone.page.screenshot(path=FOLDER / f"scanner-{name}.png")


def crowd(door: Door) -> None:
    """Let a hundred people in, over the last hour and two gates."""
    standing = make_ticket_type(door.event, quantity=1000, name="Standing", max_per_order=100)
    tickets: list[Ticket] = []
    while len(tickets) < sum(WAVE):
        tickets += door.sell(*(NAMES[number % len(NAMES)] for number in range(13)), ticket_type=standing)
    scans: list[dict[str, object]] = []
    now = utc_now()
    for turn, count in enumerate(WAVE):
        for _ in range(count):
            at = now - timedelta(minutes=2 * (len(WAVE) - turn), seconds=len(scans) % 60)
            ticket = tickets.pop()
            scans += [_scan(door, ticket, at, len(scans))]
            if len(scans) % 19 == 0:
                scans += [_scan(door, ticket, at + timedelta(seconds=20), len(scans))]
    answer = door.api.post("/api/v1/checkins/batch", {"scans": scans})
    assert answer.status_code == 200, answer.content


def _scan(door: Door, ticket: Ticket, at: object, number: int) -> dict[str, object]:
    gate = "South" if number % 3 == 0 else "North"
    return {
        "id": str(uuid4()),
        "list": door.list_id,
        "ticket": ticket.code,
        "kind": "entry",
        "gate": gate,
        "scanned_at": str(at),
        "let_in": number % 19 != 0,
    }


def test_pictures(pick_up: Callable[..., Phone]) -> None:
    door = Door(exits=True, entry_rule="after_exit")
    phone = pick_up(device_scale_factor=2)
    guests = door.sell("Zoë Müller", "Nora Lind", "Jean-Baptiste de La Fontaine", ticket_type=door.balcony)
    phone.open()
    phone.page.locator("#enrol-code").wait_for()
    take(phone, "enrol")
    crowd(door)
    phone.enrol(door)

    phone.hold(door.qr(guests[0])).answer()
    take(phone, "admitted")
    phone.page.locator(".result").wait_for(state="detached")
    phone.page.wait_for_timeout(300)
    take(phone, "door")
    phone.type(guests[0].code).answer()
    take(phone, "already-in")
    phone.next().hold(None)
    phone.go("search").page.locator("#search").fill("lind")
    phone.page.locator(".found").first.wait_for()
    take(phone, "search")

    phone.go("scan").cut()
    other = pick_up().enrol(door, name="Side door phone", gate="South")
    other.scan(guests[1].code)
    phone.type(door.qr(guests[1])).answer()
    take(phone, "offline")
    phone.next().scan(guests[2].code)
    phone.come_back()
    phone.page.locator("#conflict-badge").wait_for()
    phone.go("recent")
    take(phone, "conflict")

    laptop = pick_up(viewport=LAPTOP)
    laptop.enrol(door, name="Office laptop", gate="North").go("live")
    laptop.page.locator("svg.chart").wait_for()
    take(laptop, "live")
