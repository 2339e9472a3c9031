"""The scanner with a network: the server answers, the screen says it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from kassa.tickets.domain import base45
from kassa.tickets.domain.qr import MARK
from tests.checkin.door import Door
from tests.checkin.phone import Phone

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_ticket_before_the_camera_lets_somebody_in_once(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)

    shown = phone.hold(door.qr(ticket)).answer()

    assert (shown["look"], shown["word"], shown["who"]) == ("good", "Admitted", "Zoë Müller")
    assert not shown["isDecidedHere"]
    assert door.status(ticket) == "used"
    # It goes by itself, and the code that is still there is not scanned again.
    phone.page.locator(".result").wait_for(state="detached")
    phone.wait_for("document.querySelector('video').currentTime > 4")
    assert door.scans() == [("entry", "valid", False)]
    assert phone.counts() == (1, 1, 1)


def test_a_second_time_says_when_where_and_by_whom(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door, name="Front door phone 1", gate="South")
    phone.scan(door.qr(ticket))

    shown = phone.scan(f"  {ticket.code.lower()} ")

    assert (shown["look"], shown["word"]) == ("already", "Already in")
    assert shown["previous"].startswith("Came in ")
    assert shown["previous"].endswith(", South, by Front door phone 1")
    assert door.scans() == [("entry", "valid", False), ("entry", "already_used", False)]


def test_an_undo_lets_the_ticket_in_again(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)
    phone.type(door.qr(ticket)).answer()

    phone.page.locator(".result button", has_text="Undo").click()
    phone.page.locator(".toast", has_text="Undone").wait_for()

    assert phone.counts() == (0, 0, 0)
    assert door.status(ticket) == "valid"
    assert phone.scan(door.qr(ticket))["look"] == "good"


def test_who_goes_out_may_come_in_again(phone: Phone) -> None:
    door = Door(exits=True, entry_rule="after_exit")
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)

    looks = [phone.scan(ticket.code)["look"], phone.scan(ticket.code)["look"]]
    phone.page.locator("label.chip", has_text="Exit").click()
    looks += [phone.scan(ticket.code)["look"], phone.scan(ticket.code)["look"]]
    phone.page.locator("label.chip", has_text="Entry").click()
    looks += [phone.scan(ticket.code)["look"]]

    assert looks == ["good", "already", "out", "bad", "good"]
    assert phone.counts() == (1, 1, 2)


def test_somebody_without_a_code_is_found_and_let_in(phone: Phone, door: Door) -> None:
    door.sell("Ada Lovelace", "Zoë Müller", "Zora Lind")
    phone.enrol(door).go("search")

    phone.page.locator("#search").fill("zo mull")
    phone.page.locator(".found button").click()
    shown = phone.answer()
    phone.next()

    assert (shown["look"], shown["who"]) == ("good", "Zoë Müller")
    expect(phone.page.locator(".found .state")).to_have_text("in", use_inner_text=True)
    phone.page.locator("#search").fill("zo")  # no code has an O
    expect(phone.page.locator(".found")).to_have_count(2)


def test_a_changed_code_is_refused(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)
    data = bytearray(base45.decode(door.qr(ticket).removeprefix(MARK)))
    data[-1] ^= 1

    online = phone.scan(MARK + base45.encode(bytes(data)))
    offline = phone.cut().scan(MARK + base45.encode(bytes(data)))

    for shown in (online, offline):
        assert (shown["look"], shown["why"]) == ("bad", "Not genuine. The code was changed or made up.")
        assert shown["who"] == ""
    assert offline["isDecidedHere"]
    assert door.status(ticket) == "valid"


def test_what_is_no_ticket_and_what_is_mistyped_is_told_apart(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)
    mistyped = ticket.code[:-1] + ("2" if ticket.code[-1] != "2" else "3")

    reasons = [phone.scan(text)["why"] for text in (f"https://example.org/{'menu' * 20}", mistyped, "ABC")]

    assert reasons == ["This is not a ticket.", "Mistyped. Check the letters.", "No such ticket."]
    assert door.status(ticket) == "valid"


def test_a_refusal_waits_to_be_read(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)
    phone.scan(ticket.code)
    phone.type(ticket.code)
    phone.answer()

    phone.wait_for("document.querySelector('#announce').textContent.startsWith('Already in. Zoë')")
    assert phone.page.evaluate("document.activeElement.textContent") == "Next"
    phone.page.locator(".result").click(position={"x": 5, "y": 5})
    phone.page.locator(".result").wait_for(state="detached")


def test_the_live_view_counts_by_gate_and_minute(phone: Phone, door: Door) -> None:
    one, other = door.sell("Ada Lovelace", "Zoë Müller")
    phone.enrol(door, gate="South")
    for code in (one.code, one.code, other.code):
        phone.scan(code)

    phone.go("live")
    phone.page.locator("svg.chart").wait_for()

    gates = [
        row.split() for row in phone.page.locator(".halves > .card:last-child tbody tr").all_inner_texts()
    ]
    assert [row[:4] for row in gates] == [["South", "2", "0", "1"]]
    label = phone.page.locator("svg.chart").get_attribute("aria-label")
    assert label is not None
    assert label.startswith("2 entries and 0 exits in the last hour")
    phone.page.locator("summary").click()
    assert phone.page.locator("details tbody tr").count() >= 1


def test_it_speaks_french(pick_up: Callable[..., Phone], door: Door) -> None:
    phone = pick_up(locale="fr-FR")
    [ticket] = door.sell("Zoë Müller")
    phone.enrol(door)
    phone.scan(ticket.code)

    shown = phone.scan(ticket.code)

    assert phone.page.locator("html").get_attribute("lang") == "fr"
    assert (shown["word"], shown["why"]) == ("Déjà entré", "Ce billet a déjà servi.")
    phone.go("more").page.get_by_role("button", name="English").click()
    expect(phone.page.locator("h1")).to_have_text("More", use_inner_text=True)
    phone.page.reload()
    expect(phone.page.locator("h1")).to_have_text("More", use_inner_text=True)
