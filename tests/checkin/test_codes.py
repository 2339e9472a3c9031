"""The scanner's own reading of codes: the same as the server's, in a real browser."""

from __future__ import annotations

import base64
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.templatetags.static import static

from kassa.orders.domain.codes import is_code, new_codes, spaced, tidy_code
from kassa.tickets.domain import base45
from kassa.tickets.domain.qr import MARK, qr_text, read_qr
from tests.checkin.phone import Phone

pytestmark = pytest.mark.django_db(transaction=True)

KEY = SimpleNamespace(key_id="0a1b2c3d", private_key=Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
PUBLIC = base64.b64encode(KEY.private_key.public_key().public_bytes_raw()).decode()
CHECK = """
const s = await import(given.signature);
const readings = [];
for (const text of given.texts) {
  const read = m.readQr(text);
  readings.push(read && [read.keyId, read.eventTag, read.ticketTag, read.typeTag, read.code,
                         await s.verify(read.signed, read.signature, given.key, given.way)]);
}
return readings;
"""


def ticket(code: str) -> Any:
    return SimpleNamespace(
        id=UUID("01890000-0000-7000-8000-0000000000aa"),
        event_id=UUID("01890000-0000-7000-8000-0000000000bb"),
        ticket_type_id=UUID("01890000-0000-7000-8000-0000000000cc"),
        code=code,
    )


@pytest.fixture
def check(phone: Phone) -> Callable[..., Any]:
    phone.open()

    def readings(texts: list[str], *, way: str | None = None) -> Any:
        given = {"texts": texts, "key": PUBLIC, "way": way, "signature": static("checkin/signature.js")}
        return phone.module("qr", CHECK, given)

    return readings


@pytest.mark.parametrize("way", ["library", "native"])
@pytest.mark.parametrize("code", ["K7QM4TWX9PRA", "222222222222", "ZZZZZZZZZZZZ", "old-code 7", "Ä1"])
def test_what_the_server_writes_is_read_and_verified(check: Callable[..., Any], code: str, way: str) -> None:
    [reading] = check([qr_text(ticket(code), KEY)], way=way)

    assert reading == ["0a1b2c3d", "80000000000000bb", "80000000000000aa", "000000cc", code, True]


@pytest.mark.parametrize("way", ["library", "native"])
def test_a_text_with_any_bit_flipped_is_refused(check: Callable[..., Any], way: str) -> None:
    data = base45.decode(qr_text(ticket("K7QM4TWX9PRA"), KEY).removeprefix(MARK))
    flipped = []
    for bit in range(8 * len(data)):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        flipped.append(MARK + base45.encode(bytes(changed)))

    assert [reading for reading in check(flipped, way=way) if reading and reading[-1]] == []


def test_only_what_the_server_could_have_written_is_read(check: Callable[..., Any]) -> None:
    text = qr_text(ticket("K7QM4TWX9PRA"), KEY)
    odd = [
        text.lower(),
        text[:-1],
        text + "0",
        text + "00",
        f" {text}",
        text.replace("KASSA:", "KASSA"),
        "KASSA:",
        "KASSA:::::",
        "https://example.org/tickets/1",
        MARK + base45.encode(bytes(25) + bytes(8) + bytes(64)),
        MARK + base45.encode(b"\1" + bytes(24) + b"\xff" * 8 + bytes(64)),
        MARK + base45.encode(b"\2" + bytes(24) + b"\x0cK7QM4TWX9PRA" + bytes(64)),
        MARK + base45.encode(b"\2" + bytes(24) + b"\x02\xff\xfe" + bytes(64)),
        MARK + base45.encode(b"\2" + bytes(24) + b"\x05abc" + bytes(64)),
    ]

    assert [bool(reading) for reading in check(odd)] == [read_qr(each) is not None for each in odd]
    assert not any(check(odd))


def test_typed_codes_are_tidied_and_checked_as_on_the_server(phone: Phone) -> None:
    phone.open()
    typed = [
        "k7qm-4twx 9pra",
        "K7QM4TWX9PRA",
        "K7QM4TWX9PRO",
        "",
        "k7qm\u20134twx\u22129pra\ufeff\u200b\r\n",
        *new_codes(50),
    ]
    typed += [code[:5] + ("2" if code[5] != "2" else "3") + code[6:] for code in new_codes(50)]

    shown = phone.module(
        "qr", "return given.map((text) => [m.tidyCode(text), m.isCode(text), m.spaced(text)]);", typed
    )

    assert shown == [[tidy_code(text), is_code(text), spaced(text)] for text in typed]
