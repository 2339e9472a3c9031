"""The scanner without a network: it decides by itself, keeps what it decided, and tells it later."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import expect

from kassa.core.clock import utc_now
from kassa.tickets.domain.keys import KeyInUse, signing_key
from kassa.tickets.domain.qr import qr_text
from kassa.tickets.domain.reissue import reissue_ticket
from tests.checkin.door import Door
from tests.checkin.phone import Phone
from tests.checkin.wire import State

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_ticket_before_the_camera_comes_in_and_is_told_later(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door).cut()

    shown = phone.hold(door.qr(ticket)).answer()
    phone.next()

    assert (shown["look"], shown["who"], shown["isDecidedHere"]) == ("good", "Zoë Müller", True)
    expect(phone.page.locator("#connection")).to_have_text("Offline", use_inner_text=True)
    expect(phone.page.locator("#waiting")).to_have_text("1 waiting", use_inner_text=True)
    assert phone.counts() == (1, 1, 1)
    assert door.scans() == []
    phone.come_back()
    assert door.scans() == [("entry", "valid", False)]
    assert door.status(ticket) == "used"
    phone.look_until("#count-inside", "1")  # the server's count comes after the answers
    assert phone.counts() == (1, 1, 1)


def test_what_waits_survives_a_restart_without_a_network(phone: Phone, door: Door) -> None:
    one, other = door.sell("Ada Lovelace", "Zoë Müller")
    phone.enrol(door).cut()
    phone.scan(door.qr(one))

    phone.page.reload()
    again = phone.scan(one.code)
    phone.scan(door.qr(other))

    assert (again["look"], again["previous"].endswith("North, on this phone")) == ("already", True)
    expect(phone.page.locator("#waiting")).to_have_text("3 waiting", use_inner_text=True)
    assert phone.counts() == (2, 2, 2)
    phone.come_back()
    assert sorted(door.scans()) == [
        ("entry", "already_used", False),
        ("entry", "valid", False),
        ("entry", "valid", False),
    ]


def test_a_phone_that_dies_right_after_the_green_light_has_lost_nothing(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door).cut()
    phone.type(door.qr(ticket)).answer()

    phone.die()

    phone.open()
    expect(phone.page.locator("#waiting")).to_have_text("1 waiting", use_inner_text=True)
    phone.come_back()
    assert door.scans() == [("entry", "valid", False)]


def test_a_lost_answer_is_asked_for_again_and_counts_once(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)
    phone.wire.become(State.DEAF)

    shown = phone.scan(door.qr(ticket))

    assert (shown["look"], shown["isDecidedHere"]) == ("good", True)
    assert door.scans() == [("entry", "valid", False)]
    phone.come_back()
    assert door.scans() == [("entry", "valid", False)]
    phone.look_until("#count-inside", "1")
    assert phone.counts() == (1, 1, 1)


def test_an_undo_waits_behind_its_scan(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door).cut()
    phone.scan(door.qr(ticket))

    phone.go("recent")
    phone.page.get_by_role("button", name="Undo").click()
    phone.page.locator("main .state", has_text="Undone").wait_for()
    phone.go("scan")

    assert phone.counts() == (0, 0, 0)
    assert phone.scan(ticket.code)["look"] == "good"
    phone.come_back()
    assert door.status(ticket) == "used"
    assert [kind for kind, _, _ in door.scans()].count("undo") == 1
    assert all(not is_conflict for _, _, is_conflict in door.scans())


def test_a_ticket_sold_after_the_download_is_known_by_its_signature(phone: Phone, door: Door) -> None:
    door.sell("Ada Lovelace")
    phone.enrol(door).cut()
    [late] = door.sell("Zoë Müller")

    by_code, by_qr = phone.scan(late.code), phone.scan(door.qr(late))

    assert (by_code["look"], by_code["why"]) == ("bad", "No such ticket.")
    assert (by_qr["look"], by_qr["why"]) == ("good", "Genuine, but sold after the last download.")
    assert phone.scan(door.qr(late))["look"] == "already"
    phone.come_back()
    assert door.status(late) == "used"


def test_what_others_have_signed_is_refused(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    abroad = Door()
    [strange] = abroad.sell("Max Fremd")
    forger = Ed25519PrivateKey.generate()
    key_id = signing_key(door.organization.id, utc_now()).key_id
    phone.enrol(door).cut()

    shown = [
        phone.scan(abroad.qr(strange)),
        phone.scan(qr_text(ticket, KeyInUse(key_id=key_id, private_key=forger))),
        phone.scan(qr_text(ticket, KeyInUse(key_id="ffffffff", private_key=forger))),
    ]

    assert [each["look"] for each in shown] == ["bad"] * 3
    assert [each["why"] for each in shown] == [
        "No such ticket.",
        "Not genuine. The code was changed or made up.",
        "No such ticket.",
    ]


def test_a_dead_code_is_known_after_the_next_look(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    dead = door.qr(ticket)
    phone.enrol(door)
    reissue_ticket(door.context("Lost"), ticket.id)
    fresh = door.sell("Ada Lovelace")[0]

    phone.go("more").page.get_by_role("button", name="Fetch what is new").click()
    phone.page.locator("dd", has_text="2 · ").wait_for()
    phone.go("scan").cut()

    assert phone.scan(dead)["why"] == "Replaced by a new ticket. This code is dead."
    assert phone.scan(fresh.code)["why"] == ""


def test_a_bystanders_scan_is_known_after_the_next_look(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)
    door.pass_through(ticket)

    phone.look_until("#count-entered", "1")
    phone.cut()

    assert phone.scan(door.qr(ticket))["look"] == "already"


def test_what_was_told_counts_until_the_list_says_so(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door).cut()
    [late] = door.sell("Ada Lovelace")
    phone.scan(door.qr(ticket))
    phone.scan(door.qr(late))
    phone.page.route("**/checkin-lists/**", lambda route: route.abort())
    phone.restore()
    phone.page.locator("#waiting").wait_for(state="detached")
    assert door.scans() == [("entry", "valid", False)] * 2

    phone.cut()
    phone.page.reload()

    assert phone.scan(door.qr(ticket))["look"] == "already"
    assert phone.scan(door.qr(late))["look"] == "already"
    phone.page.unroute("**/checkin-lists/**")
    phone.come_back()
    phone.look_until("#count-inside", "2")
    assert phone.counts() == (2, 2, 2)
    assert phone.module("database", "return (await m.readAll('queue')).length;") == 0


def test_a_second_page_waits_until_the_first_is_closed(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door).cut()
    phone.scan(door.qr(ticket))
    first, phone.page = phone.page, phone.context.new_page()

    phone.open().page.locator("#elsewhere").wait_for()
    first.close()

    phone.page.locator("#typed").wait_for()
    assert phone.scan(door.qr(ticket))["look"] == "already"
