"""Codes: what people can mistake in one is always noticed."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from kassa.orders.domain.codes import ALPHABET, LENGTH, is_code, new_codes, spaced, tidy_code

codes = st.text(alphabet=ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1).map(
    lambda letters: next(letters + check for check in ALPHABET if is_code(letters + check))
)
"""Any code there can be: each eleven letters have exactly one that completes them."""


def test_new_codes_are_codes_and_all_different() -> None:
    made = new_codes(5_000)

    assert len(set(made)) == 5_000
    assert all(is_code(code) for code in made)
    assert set("".join(made)) == set(ALPHABET)
    assert new_codes(0) == []


def test_every_place_of_a_code_takes_every_letter() -> None:
    made = new_codes(5_000)

    assert [len({code[place] for code in made}) for place in range(LENGTH)] == [32] * LENGTH


@given(codes)
def test_one_check_letter_completes_a_code(code: str) -> None:
    assert [code[:-1] + letter for letter in ALPHABET if is_code(code[:-1] + letter)] == [code]


@given(codes)
def test_every_single_wrong_letter_is_noticed(code: str) -> None:
    for place, right in enumerate(code):
        for letter in set(string.printable) - {right}:
            assert not is_code(code[:place] + letter + code[place + 1 :])


@given(codes)
def test_every_two_letters_in_each_others_place_are_noticed(code: str) -> None:
    for first in range(LENGTH):
        for second in range(first + 1, LENGTH):
            letters = list(code)
            letters[first], letters[second] = letters[second], letters[first]
            assert is_code("".join(letters)) == (code[first] == code[second])


@given(codes, st.integers(min_value=0, max_value=LENGTH))
def test_a_letter_too_few_or_too_many_is_noticed(code: str, place: int) -> None:
    assert not is_code(code[:place] + code[place + 1 :]) or place == LENGTH
    assert not is_code(code[:place] + "A" + code[place:])


@given(codes)
def test_what_people_read_aloud_is_read_back(code: str) -> None:
    assert tidy_code(f" {spaced(code).lower()}\n") == code
    assert tidy_code(spaced(code).replace("-", " ")) == code


def test_groups_of_four_are_read_aloud() -> None:
    assert spaced("K7QM4TWX9PRA") == "K7QM-4TWX-9PRA"
    assert spaced("K7QM4TWX9PRAB2CD") == "K7QM-4TWX-9PRA-B2CD"
    assert spaced("old-0001") == "old-0001"
    assert spaced("IMPORTED0001") == "IMPORTED0001"
    assert spaced("") == ""


def test_letters_that_look_alike_are_not_guessed() -> None:
    code = new_codes(1)[0]

    assert tidy_code("o0i1") == "O0I1"
    assert not any(is_code(tidy_code(letter + code[1:])) for letter in "0Oo1Ii")
