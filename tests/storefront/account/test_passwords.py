"""Passwords that are guessed or leaked are refused wherever one is chosen, and the others are not."""

from __future__ import annotations

import pytest

from kassa.identity.models import User
from tests.storefront.account.visitor import Visitor, code_for, letters_to, make_person, signed_in
from tests.storefront.pages import text_of

pytestmark = pytest.mark.django_db
ADA = "ada@example.com"
SHORT = "Choose at least 12 characters."
GUESSED = "This password is easily guessed."

WEAK = [
    ("kassa123", SHORT),
    ("A1b2C3d4e5!", SHORT),
    ("password1234", GUESSED),
    ("kassakassa12", GUESSED),
    ("qwertyuiop12", GUESSED),
    ("azertyuiopqs", GUESSED),
    ("aaaaaaaaaaaaaaaaaaaaaaaa", GUESSED),
    ("123456789012345", GUESSED),
    ("adalovelace1", GUESSED),
    ("ada@example.com", GUESSED),
    ("motdepasse12", GUESSED),
]
STRONG = ["seven-oranges-in-a-row", "lebonchatnoir", "correct horse", "x" * 8 + "7Kq!mZ" + "w" * 200]


@pytest.mark.parametrize(("password", "problem"), WEAK)
def test_weak_password_begins_no_account(password: str, problem: str) -> None:
    page = Visitor().send("/account/signup/", name="Ada Lovelace", email=ADA, password1=password)

    assert problem in text_of(page)
    assert ADA in page.content.decode()
    assert not User.objects.exists()
    assert letters_to(ADA) == []


@pytest.mark.parametrize("password", STRONG)
def test_long_password_of_unrelated_words_does(password: str) -> None:
    Visitor().send("/account/signup/", name="Ada Lovelace", email=ADA, password1=password)

    assert User.objects.get().check_password(password)


def test_weak_password_replaces_none() -> None:
    user = make_person()
    by_code = Visitor()
    by_code.send("/account/password/reset/", email=ADA)
    by_code.send("/account/password/reset/confirm/", code=code_for(ADA))
    weak = {"password1": "kassakassa12", "password2": "kassakassa12"}

    reset = by_code.send("/account/password/reset/complete/", **weak)
    changed = signed_in(user).send("/account/password/change/", oldpassword="seven-oranges-in-a-row", **weak)

    assert GUESSED in text_of(reset)
    assert GUESSED in text_of(changed)
    assert User.objects.get().check_password("seven-oranges-in-a-row")


def test_sentences_are_french_for_french() -> None:
    visitor = Visitor(HTTP_ACCEPT_LANGUAGE="fr")

    page = visitor.send("/account/signup/", name="Ada", email=ADA, password1="kassa123")

    assert "Choisissez au moins 12 caractères." in text_of(page)


def test_short_password_from_before_still_opens_its_account() -> None:
    make_person(password="kassa123")
    visitor = Visitor()

    visitor.send("/account/login/", login=ADA, password="kassa123")

    assert visitor.is_signed_in
