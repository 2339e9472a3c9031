"""Hand scanners type as they are set up, and on whatever keyboard the computer believes to have."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kassa.admission.domain.read_code import read_code
from kassa.admission.domain.scanned_text import parse_turned_codes, read_scanned
from kassa.orders.domain.codes import is_code, new_codes

QR = "KASSA:-50Q+A+Z3*Y7000000000AE0000000000V50000BH013J%$25ZQ*GU.YS9SSX%JY56CR9J.VH"
GERMAN = {"Y": "Z", "Z": "Y", ":": "\u00d6", "*": "(", "+": "`", "-": "\u00df", "/": "-"}
FRENCH = {
    "A": "Q", "Q": "A", "Z": "W", "W": "Z", "M": "?", ":": "M", "1": "&", "2": "\u00e9", "3": '"', "4": "'",
    "5": "(", "6": "-", "7": "\u00e8", "8": "_", "9": "\u00e7", "0": "\u00e0", "$": "4",
    "%": "5", "*": "8", "-": ")", ".": ":", "/": "!",
}  # fmt: skip
CODE = "K7QM4TWX9PRJ"


def typed_on(keyboard: dict[str, str], text: str) -> str:
    """Return what a keyboard makes of the keys of an American one."""
    return "".join(keyboard.get(letter, letter) for letter in text)


TYPED = [
    (QR, QR),
    (QR.lower(), QR),
    (f"{QR}\r\n", QR),
    (f"{QR}\t", QR),
    (f"]Q3{QR}", QR),
    (f"]q1{QR.lower()}\n", QR),
    (f"\ufeff{QR}", QR),
    (QR.replace("-", "\u2013"), QR),
    (QR.replace("-", "\u2212"), QR),
    ("".join(chr(ord(letter) + 0xFEE0) if letter != " " else "\u3000" for letter in QR), QR),
    (typed_on(GERMAN, QR), QR),
    (typed_on(GERMAN, QR).lower(), QR),
    (typed_on(GERMAN, QR).replace("`Y", "\u1ef2").replace("`A", "\u00c0"), QR),
    (typed_on(FRENCH, QR), QR),
    (CODE, CODE),
    (f"{CODE}\r", CODE),
    ("K7QM-4TWX-9PRJ", "K7QM-4TWX-9PRJ"),
    ("k7qm\u20134twx\u20139prj\t", "k7qm-4twx-9prj"),
    ("]C1OLD-CODE 7", "OLD-CODE 7"),
    ("", ""),
]
"""What is typed, and what is meant."""


@pytest.mark.parametrize(("typed", "meant"), TYPED)
def test_what_is_typed_is_read_as_it_is_meant(typed: str, meant: str) -> None:
    assert read_scanned(typed) == meant


@pytest.mark.parametrize("keyboard", [GERMAN, FRENCH])
def test_a_code_is_read_from_the_wrong_keyboard_if_its_check_letter_says_so(keyboard: dict[str, str]) -> None:
    code = next(code for code in new_codes(500) if {"Z", "W", "2"} <= set(code))

    assert code in parse_turned_codes(typed_on(keyboard, code).lower())
    assert all(is_code(one) for one in parse_turned_codes(code))
    assert parse_turned_codes("OLD-CODE Z") == ()


def test_what_was_written_is_looked_for_first() -> None:
    """Another system's code may happen to be one of ours if it is turned back."""
    ours = next(code for code in new_codes(500) if "Z" in code)
    theirs = typed_on(GERMAN, ours)

    assert read_code(uuid4(), theirs).codes[0] == theirs
    assert ours in read_code(uuid4(), theirs).codes
    assert read_code(uuid4(), ours).code == ours
