"""The QR code's text: what was written is read back, and what was changed is refused."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.ids import new_id
from kassa.orders.domain.codes import ALPHABET, new_codes
from kassa.tickets.domain import base45
from kassa.tickets.domain.qr import MARK, event_tag, qr_text, read_qr, ticket_tag, ticket_type_tag, verify


@dataclass(frozen=True)
class Key:
    key_id: str
    private_key: Ed25519PrivateKey

    @property
    def public_key(self) -> bytes:
        return self.private_key.public_key().public_bytes_raw()


@dataclass
class Ticket:
    id: UUID
    event_id: UUID
    ticket_type_id: UUID
    code: str


KEY = Key("0a1b2c3d", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Key("0a1b2c3d", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
keys = st.builds(
    Key,
    st.binary(min_size=4, max_size=4).map(bytes.hex),
    st.binary(min_size=32, max_size=32).map(Ed25519PrivateKey.from_private_bytes),
)
own_codes = st.text(alphabet=ALPHABET, min_size=12, max_size=12)
other_codes = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=32)
tickets = st.builds(Ticket, st.uuids(), st.uuids(), st.uuids(), own_codes | other_codes)


def a_ticket() -> Ticket:
    return Ticket(new_id(), new_id(), new_id(), new_codes(1)[0])


@given(tickets, keys)
def test_what_is_written_is_read(ticket: Ticket, key: Key) -> None:
    text = qr_text(ticket, key)
    read = read_qr(text)

    assert read is not None
    assert (read.key_id, read.code) == (key.key_id, ticket.code)
    assert read.event_tag == event_tag(ticket.event_id) == ticket.event_id.bytes[8:]
    assert read.ticket_tag == ticket_tag(ticket.id) == ticket.id.bytes[8:]
    assert read.ticket_type_tag == ticket_type_tag(ticket.ticket_type_id) == ticket.ticket_type_id.bytes[12:]
    assert verify(read, key.public_key)
    assert qr_text(ticket, key) == text
    assert text.strip() == text


@pytest.mark.parametrize("code", ["K7QM4TWX9PRA", "OLD-0001", "K7QM4TWX9PRAB2CD"])
def test_any_flipped_bit_is_refused(code: str) -> None:
    data = base45.decode(qr_text(Ticket(new_id(), new_id(), new_id(), code), KEY)[len(MARK) :])
    for bit in range(8 * len(data)):
        forged = bytearray(data)
        forged[bit // 8] ^= 1 << bit % 8
        read = read_qr(MARK + base45.encode(bytes(forged)))
        assert read is None or not verify(read, KEY.public_key)


@pytest.mark.parametrize("code", ["K7QM4TWX9PRA", "OLD-0001"])
def test_any_changed_character_is_refused(code: str) -> None:
    text = qr_text(Ticket(new_id(), new_id(), new_id(), code), KEY)
    for place, right in enumerate(text):
        for letter in base45.LETTERS + right.lower() + "é\x00":
            if letter != right:
                read = read_qr(text[:place] + letter + text[place + 1 :])
                assert read is None or not verify(read, KEY.public_key)


@given(st.data())
def test_a_text_that_was_cut_or_grew_is_refused(data: st.DataObject) -> None:
    text = qr_text(a_ticket(), KEY)
    cut = data.draw(st.integers(min_value=0, max_value=len(text) - 1))
    added = data.draw(st.text(alphabet=base45.LETTERS, min_size=1))
    for changed in (text[:cut], text[cut + 1 :], text + added, text[:cut] + added + text[cut:]):
        read = read_qr(changed)
        assert read is None or not verify(read, KEY.public_key) or changed == text


def test_another_organisations_key_is_refused() -> None:
    read = read_qr(qr_text(a_ticket(), OTHER))

    assert read is not None
    assert verify(read, OTHER.public_key)
    assert not verify(read, KEY.public_key)


@pytest.mark.parametrize(
    "text", ["", "KASSA", "KASSA:", "KASSA:A", "KASSA:::", "kassa:00", "https://kassa.example"]
)
def test_texts_of_others_say_nothing(text: str) -> None:
    assert read_qr(text) is None


@given(st.text(alphabet=base45.LETTERS, max_size=300))
def test_any_text_is_read_or_refused_but_never_breaks(text: str) -> None:
    assert read_qr(MARK + text) is None or len(text) > 120


def test_a_code_is_written_in_one_way_only() -> None:
    """Version 2 of a code that fits into version 1, signed by the right key, is still refused."""
    ticket = a_ticket()
    data = base45.decode(qr_text(ticket, KEY)[len(MARK) :])
    body = b"\x02" + data[1:25] + bytes((12,)) + ticket.code.encode()
    signature = KEY.private_key.sign(b"kassa.ticket" + body)

    assert read_qr(MARK + base45.encode(body + signature)) is None


@given(own_codes)
def test_the_code_is_no_larger_than_41_modules(code: str) -> None:
    text = qr_text(Ticket(new_id(), new_id(), new_id(), code), KEY)
    made = segno.make_qr(text, error="m", boost_error=False)

    assert len(text) == 152
    assert (made.version, made.error, made.mode) == (6, "M", "alphanumeric")
    assert made.symbol_size(border=0) == (41, 41)


@given(st.binary(max_size=200))
def test_base45_is_read_back(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")],
)
def test_base45_is_that_of_the_standard(data: bytes, text: str) -> None:
    """The examples of RFC 9285."""
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@pytest.mark.parametrize("text", ["A", "GGW", ":::", "::", "ab8", "BB8A", "Ä00"])
def test_base45_that_stands_for_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        base45.decode(text)


def test_the_format_stays_as_it_is() -> None:
    """The example of the developers' page: scanners that are in use must go on reading it."""
    ticket = Ticket(
        UUID("01890000-0000-7000-8000-000000000001"),
        UUID("01890000-0000-7000-8000-000000000002"),
        UUID("01890000-0000-7000-8000-000000000003"),
        "K7QM4TWX9PRJ",
    )

    assert qr_text(ticket, KEY) == EXAMPLE


EXAMPLE = (
    "KASSA:-50QJ3*Y7000000000AE0000000000V50000BH013J%$25ZQ*GU.YS9SSX%JY56CR9J.VH"
    "N2654N8HT$QR-9ANKB%8EKJ.:J.SKKU9LNQD5M%VF3VS7HKMUOBW0OJ7/382K2.6EK.2/+6RTDF0"
)
