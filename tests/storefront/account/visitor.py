"""A visitor with a browser of their own, who also reads their e-mails."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client

from kassa.identity.domain.account_mail import AccountLetter, kept_letters
from kassa.identity.models import User

PASSWORD = "seven-oranges-in-a-row"


class Visitor(Client):
    """A browser that remembers cookies and sends forms as pages do."""

    def __init__(self, **headers: Any) -> None:
        super().__init__(raise_request_exception=False, **headers)

    def send(self, path: str, **fields: Any) -> Any:
        """Send a form and follow to the page that answers."""
        return self.post(path, fields, follow=True)

    @property
    def is_signed_in(self) -> bool:
        return bool(self.get("/account/").status_code == 200)


def letters_to(email: str) -> list[AccountLetter]:
    """Return the letters to an address, newest first."""
    return [one.letter for one in kept_letters(recipient=email)]


def code_for(email: str) -> str:
    """Return the code in the newest letter to an address."""
    found = re.search(r"^[A-Z]{4}-[A-Z]{4}$", letters_to(email)[0].text, re.MULTILINE)
    assert found, letters_to(email)[0].text
    return found.group()


def make_person(
    email: str = "ada@example.com", *, name: str = "Ada Lovelace", password: str | None = PASSWORD
) -> User:
    """Make a person whose address is proven."""
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def signed_in(user: User) -> Visitor:
    """Return the browser of somebody who has just signed in by code."""
    visitor = Visitor()
    visitor.send("/account/login/code/", email=user.email)
    visitor.send("/account/login/code/confirm/", code=code_for(user.email))
    assert visitor.is_signed_in
    return visitor
