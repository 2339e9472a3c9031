"""Places and passes cannot be made up, changed, or carried elsewhere."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kassa.core.ids import new_id
from kassa.waiting.domain.places import pass_token, place_token, read_pass, read_place, seed_of

OURS, ROOM = new_id(), new_id()
PLACE = place_token(OURS, ROOM, 4711)
PASS = pass_token(OURS, ROOM, 4711, 3)


def raw(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def token_of(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def test_place_says_which_room_and_number() -> None:
    assert read_place(OURS, PLACE) == (ROOM, 4711)
    assert read_pass(OURS, PASS) == (ROOM, 4711, 3)


@pytest.mark.parametrize("bit", range(len(raw(PLACE)) * 8))
def test_place_with_a_flipped_bit_is_refused(bit: int) -> None:
    body = bytearray(raw(PLACE))
    body[bit // 8] ^= 1 << bit % 8
    assert read_place(OURS, token_of(bytes(body))) is None


@pytest.mark.parametrize("bit", range(len(raw(PASS)) * 8))
def test_pass_with_a_flipped_bit_is_refused(bit: int) -> None:
    body = bytearray(raw(PASS))
    body[bit // 8] ^= 1 << bit % 8
    assert read_pass(OURS, token_of(bytes(body))) is None


@pytest.mark.parametrize("position", range(len(PLACE)))
def test_place_with_another_letter_is_refused(position: int) -> None:
    """Also where only spare bits of the last letter differ: there is one way to write a place."""
    for letter in "ABCDwxyz0189-_":
        if letter != PLACE[position]:
            assert read_place(OURS, PLACE[:position] + letter + PLACE[position + 1 :]) is None


def test_place_is_worth_nothing_at_another_organisation() -> None:
    assert read_place(new_id(), PLACE) is None
    assert read_pass(new_id(), PASS) is None


def test_place_is_no_pass_and_pass_no_place() -> None:
    assert read_pass(OURS, PLACE) is None
    assert read_place(OURS, PASS) is None
    body = raw(PLACE)
    assert read_pass(OURS, token_of(body[:20] + b"\0\0\0\1" + body[20:])) is None


@hypothesis_settings(deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_refused_without_an_error(text: str) -> None:
    assert read_place(OURS, text) is None
    assert read_pass(OURS, text) is None


def test_another_secret_reads_nothing(settings: Any) -> None:
    seed = seed_of(OURS, ROOM)
    settings.SECRET_KEY = "another"

    assert read_place(OURS, PLACE) is None
    assert seed_of(OURS, ROOM) != seed


def test_each_room_has_its_own_seed() -> None:
    assert len({seed_of(OURS, ROOM), seed_of(OURS, new_id()), seed_of(new_id(), ROOM)}) == 3
