"""What a phone is and what it may: connecting, losing its key, being signed out, having no camera."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.checkin.door import Door
from tests.checkin.phone import Phone

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_one_time_code_leaves_the_address_and_works_once(
    pick_up: Callable[..., Phone], door: Door
) -> None:
    code = door.device()["enrolment"]["code"]
    first, second = pick_up(), pick_up()

    first.open(f"/checkin/#enrol={code}")
    first.page.locator(".choice").wait_for()
    second.open()
    second.page.locator("#enrol-code").fill(f"https://kassa.example/checkin/#enrol={code}")
    second.page.locator("button[type=submit]").click()

    second.page.locator(".problem").wait_for()
    assert second.page.locator(".problem").inner_text().startswith("This code has been used already")
    assert code not in first.page.url
    assert code not in first.page.evaluate("JSON.stringify([localStorage, document.body.innerHTML])")


def test_the_code_may_be_scanned_with_the_scanner_itself(phone: Phone, door: Door) -> None:
    url = door.device()["enrolment"]["url"]
    phone.open()
    phone.film(url)

    phone.page.get_by_role("button", name="Scan the code").click()

    phone.page.locator(".choice").wait_for()


def test_a_revoked_phone_stops_and_keeps_what_it_has(phone: Phone, door: Door) -> None:
    one, other = door.sell("Ada Lovelace", "Zoë Müller")
    phone.enrol(door).cut()
    phone.scan(door.qr(one))
    [device] = door.api.get("/api/v1/checkin-devices").json()["items"]
    door.api.post(f"/api/v1/checkin-devices/{device['id']}/revoke")

    phone.restore()
    phone.page.locator(".notice.bad").wait_for()

    assert "1 scans were not sent yet" in phone.page.locator(".notice.bad").inner_text()
    expect(phone.page.locator("#typed")).to_have_count(0)
    with phone.page.expect_download() as given:
        phone.page.get_by_role("button", name="Save the waiting scans").click()
    saved = json.loads(Path(given.value.path()).read_text())
    assert [scan["code"] for scan in saved["waiting"]] == [one.code]
    assert door.scans() == []

    code = door.device("Front door phone 2")["enrolment"]["code"]
    phone.page.locator("#enrol-code").fill(code)
    phone.page.locator("form button[type=submit]").click()
    phone.page.locator("#typed").wait_for()
    phone.page.locator("#waiting").wait_for(state="detached")
    assert door.scans() == [("entry", "valid", False)]
    assert phone.scan(door.qr(other))["look"] == "good"


def test_signing_out_wipes_the_phone(phone: Phone, door: Door) -> None:
    door.sell("Ada Lovelace")
    phone.enrol(door).go("more")

    phone.page.get_by_role("button", name="Sign this phone out").click()
    phone.page.get_by_role("button", name="Wipe and sign out").click()
    phone.page.locator("#enrol-code").wait_for()

    left = phone.module(
        "database", "return (await Promise.all(m.ALL_STORES.map((name) => m.readAll(name)))).flat().length;"
    )
    assert left == 0
    phone.page.reload()
    phone.page.locator("#enrol-code").wait_for()


def test_without_a_camera_codes_are_typed(pick_up: Callable[..., Phone], door: Door) -> None:
    phone = pick_up(permissions=[])
    phone.context.add_init_script(
        "navigator.mediaDevices.getUserMedia = "
        "() => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)

    assert "The camera is not allowed." in phone.page.locator(".no-camera").inner_text()
    assert phone.scan(ticket.code)["look"] == "good"


def test_a_browser_that_cannot_read_codes_says_so(pick_up: Callable[..., Phone], door: Door) -> None:
    phone = pick_up()
    phone.context.add_init_script(
        "Worker = class extends Worker { constructor() { super('/static/checkin/nothing.js'); } }"
    )
    phone.enrol(door)

    phone.page.locator(".no-camera", has_text="cannot read QR codes").wait_for()


def test_the_browsers_own_reader_is_used_where_there_is_one(
    pick_up: Callable[..., Phone], door: Door
) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone = pick_up()
    phone.context.add_init_script(
        "window.BarcodeDetector = class {"
        " static getSupportedFormats() { return Promise.resolve(['qr_code']); }"
        f" detect() {{ return Promise.resolve([{{rawValue: {json.dumps(door.qr(ticket))}}}]); }} }}"
    )
    phone.enrol(door)

    assert phone.answer()["look"] == "good"
    assert phone.page.locator(".camera").get_attribute("data-reader") == "native"


def test_everything_is_reached_by_keyboard(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)
    phone.page.locator("#typed").focus()
    phone.page.keyboard.type(ticket.code)
    phone.page.keyboard.press("Enter")
    assert phone.answer()["look"] == "good"
    phone.page.keyboard.press("Enter")
    phone.page.locator(".result").wait_for(state="detached")

    for _ in range(4):
        phone.page.keyboard.press("Tab")
    phone.page.keyboard.press("Enter")

    phone.page.locator("nav a[aria-current]", has_text="Recent").wait_for()
    expect(phone.page.locator(".found")).to_have_count(1)
