"""The scanner looks for texts in the form that the server has: one table of cases, in a real browser."""

from __future__ import annotations

import pytest

from kassa.admission.domain.scanned_text import parse_turned_codes
from kassa.core.search_text import fold
from kassa.orders.domain.codes import new_codes
from tests.admission.test_scanned_text import FRENCH, GERMAN, TYPED, typed_on
from tests.checkin.door import Door
from tests.checkin.phone import Phone
from tests.core.test_search_text import CASES

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_scanner_folds_alike(phone: Phone) -> None:
    phone.open()
    letters = [chr(number) for number in (*range(1, 0x250), *range(0x370, 0x530))]

    folded = phone.module("search_text", "return given.map(m.fold)", [text for text, _ in CASES] + letters)

    assert folded[: len(CASES)] == [wanted for _, wanted in CASES]
    assert dict(zip(letters, folded[len(CASES) :], strict=True)) == {
        letter: fold(letter) for letter in letters
    }


def test_the_scanner_reads_what_is_typed_alike(phone: Phone) -> None:
    phone.open()

    read = phone.module("scanned_text", "return given.map(m.readScanned)", [typed for typed, _ in TYPED])

    assert read == [meant for _, meant in TYPED]


def test_the_scanner_turns_codes_back_alike(phone: Phone) -> None:
    phone.open()
    typed = [typed_on(keyboard, code) for keyboard in (GERMAN, FRENCH) for code in new_codes(50)]

    turned = phone.module("scanned_text", "return given.map(m.turnedCodes)", typed)

    assert turned == [list(parse_turned_codes(text)) for text in typed]
    assert all(turned)


@pytest.mark.parametrize("is_connected", [True, False])
def test_hand_scanner_types_one_ticket_after_another(phone: Phone, door: Door, is_connected: bool) -> None:
    tickets = door.sell("Ada Lovelace", "Zo\u00eb M\u00fcller", "Grace Hopper")
    phone.enrol(door)
    if not is_connected:
        phone.cut()
    phone.page.evaluate("document.activeElement.blur()")
    shown = []
    for ticket in tickets:
        # Small letters, an identifier before it, and nobody who touches the field or puts an answer away.
        phone.page.keyboard.type(f"]q3{door.qr(ticket).lower()}")
        phone.page.keyboard.press("Enter")
        phone.page.locator(".result .who", has_text=ticket.attendee_last_name).wait_for()
        shown.append(phone.answer()["look"])

    assert shown == ["good"] * 3
    assert phone.counts()[-1] == 3


def test_code_typed_on_another_keyboard_lets_in(phone: Phone, door: Door) -> None:
    [ticket] = door.sell("Ada Lovelace")
    phone.enrol(door)

    assert phone.scan(typed_on(FRENCH, ticket.code))["look"] == "good"
    assert phone.cut().scan(typed_on(FRENCH, ticket.code))["look"] == "already"
