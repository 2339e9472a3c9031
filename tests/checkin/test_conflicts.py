"""One ticket at two gates without a network: both let it in, and nobody forgets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.checkin.door import Door
from tests.checkin.phone import Phone

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_offline_gates_let_one_ticket_in_and_both_scans_are_shown(
    pick_up: Callable[..., Phone], door: Door
) -> None:
    [ticket] = door.sell("Zoë Müller")
    north = pick_up().enrol(door, name="North phone", gate="North")
    south = pick_up().enrol(door, name="South phone", gate="South")
    for phone in (north, south):
        phone.cut()
        assert phone.scan(door.qr(ticket))["look"] == "good"

    north.come_back()
    south.come_back()

    assert sorted(door.scans()) == [("entry", "already_used", True), ("entry", "valid", False)]
    expect(north.page.locator("#conflict-badge")).to_have_count(0)
    south.page.locator("#conflict-badge", has_text="1").wait_for()
    south.go("recent")
    told = south.page.locator(".conflict").inner_text()
    assert "Zoë Müller" in told
    assert "This ticket has been used." in told
    assert "North, by North phone" in told
    assert "South, on this phone" in told


def test_a_conflict_stays_until_it_was_looked_at(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door).cut()
    phone.scan(door.qr(ticket))
    door.pass_through(ticket)
    phone.come_back()
    phone.page.locator("#conflict-badge").wait_for()

    phone.page.reload()
    phone.page.locator("#conflict-badge").wait_for()
    phone.go("recent").page.get_by_role("button", name="Looked at").click()

    phone.page.locator(".conflict.seen").wait_for()
    expect(phone.page.locator("#conflict-badge")).to_have_count(0)
    phone.page.reload()
    phone.page.locator(".conflict.seen").wait_for()
