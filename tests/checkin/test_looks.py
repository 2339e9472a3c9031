"""Everybody can read it and hit it: contrast, sizes, nothing beside the screen, on a phone and a laptop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checkin.door import Door
from tests.checkin.phone import Phone

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Bartholomäus-Maximilian Freiherr von und zu Hohenfels"
LAPTOP = {"width": 1280, "height": 800}
SMALL = {"width": 320, "height": 568}
LOOK = (Path(__file__).parent / "look.js").read_text()


def states(phone: Phone, door: Door) -> Iterator[tuple[str, Any]]:
    """Walk through the scanner and yield how each state looks."""

    def look(name: str) -> tuple[str, Any]:
        return name, phone.page.evaluate(LOOK)

    one, other, third = door.sell(
        "Zoë Müller", "Bartholomäus-Maximilian Freiherr von und zu Hohenfels", "Ada"
    )
    phone.open()
    phone.page.locator("#enrol-code").wait_for()
    yield look("enrol")
    phone.enrol(door)
    yield look("scan")
    for name, code in (("admitted", one.code), ("already", one.code), ("refused", "ABC")):
        phone.type(code).answer()
        yield look(name)
        phone.next()
    phone.go("search").page.locator("#search").fill("a")
    phone.page.locator(".found").first.wait_for()
    yield look("search")
    phone.go("live").page.locator("svg.chart").wait_for()
    yield look("live")
    phone.go("scan").cut()
    phone.type(other.code).answer()
    yield look("offline")
    phone.next().scan(third.code)
    door.pass_through(third)
    phone.come_back()
    phone.page.locator("#conflict-badge").wait_for()
    phone.go("recent")
    yield look("recent")
    phone.go("more")
    yield look("more")


@pytest.mark.parametrize("viewport", [None, SMALL, LAPTOP], ids=["phone", "small phone", "laptop"])
def test_every_state_is_readable(pick_up: Callable[..., Phone], viewport: dict[str, int] | None) -> None:
    phone = pick_up(**({"viewport": viewport} if viewport else {}))
    door = Door(exits=True, entry_rule="after_exit")

    shown = dict(states(phone, door))

    assert {name: look["faint"] for name, look in shown.items() if look["faint"]} == {}
    assert {name: look["small"] for name, look in shown.items() if look["small"]} == {}
    assert {name: look["beside"] for name, look in shown.items() if look["beside"] > 0} == {}


def test_nothing_moves_for_those_who_asked_for_that(pick_up: Callable[..., Phone], door: Door) -> None:
    phone = pick_up(reduced_motion="reduce")
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door).type(ticket.code).answer()

    assert phone.page.evaluate("document.getAnimations().length") == 0
