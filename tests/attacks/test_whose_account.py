"""Whether an address has an account, or was written to just before, is told by no page about accounts.

Not by what it says, nor by its status or headers, nor by the work behind it, which takes the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from kassa.identity.models import User
from kassa.sales.domain.request import Customer
from kassa.storefront.account import codes
from kassa.storefront.account.views import codes as views
from kassa.storefront.account.views import sign_up
from tests.storefront.account.sameness import Done, differences, watch
from tests.storefront.account.visitor import PASSWORD, Visitor, code_for, letters_to, make_person, signed_in
from tests.support.factories import make_organization
from tests.support.sale_world import World

pytestmark = pytest.mark.django_db

Form = Callable[[str], dict[str, str]]
FORMS: dict[str, Form] = {
    "/account/signup/": lambda email: {"name": "Ada", "email": email, "password1": PASSWORD},
    "/account/signup/passkey/": lambda email: {"name": "Ada", "email": email},
    "/account/login/code/": lambda email: {"email": email},
    "/account/password/reset/": lambda email: {"email": email},
    "/account/login/": lambda email: {"login": email, "password": "wrong-password"},
}
STEPS: dict[str, dict[str, str]] = {
    "another code": {"action": "resend"},
    "a wrong code": {"code": "BBBB-BBBB"},
    "no code": {"code": ""},
}
"""What can be done on the page to which a form leads."""


def make_known() -> None:
    make_person("known@example.com")


def make_suspended() -> None:
    make_person("known@example.com")
    User.objects.update(status="inactive")


def make_pending() -> None:
    user = User.objects.create_user("known@example.com", PASSWORD, name="Ada", status="pending")
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)


def make_secondary() -> None:
    user = make_person("other@example.com")
    EmailAddress.objects.create(user=user, email="known@example.com", verified=True, primary=False)


def make_without_password() -> None:
    make_person("known@example.com", password=None)


def make_guest() -> None:
    World(make_organization()).place(customer=Customer(email="known@example.com"))


def make_just_mailed() -> None:
    """Use up all letters to the address, from other places."""
    make_person("known@example.com")
    for number in range(8):
        Visitor(REMOTE_ADDR=f"192.0.2.{number}").post("/account/login/code/", {"email": "known@example.com"})


KINDS = [
    make_known, make_suspended, make_pending, make_secondary, make_without_password, make_guest,
    make_just_mailed,
]  # fmt: skip


def use(path: str, email: str) -> list[Done]:
    """Send a form and go on from there, as far as anybody can who does not read the mail."""
    visitor = Visitor()
    visitor.get(path)
    sent: list[Any] = []

    def send() -> Any:
        sent.append(visitor.post(path, FORMS[path](email)))
        return sent[-1]

    done = [watch(send, email=email)]
    if sent[0].status_code == 302:
        page = sent[0]["Location"]
        done.append(watch(lambda: visitor.get(page), email=email))
        for step in [*STEPS.values(), *[STEPS["another code"]] * 2, *[STEPS["a wrong code"]] * 3]:
            done.append(watch(lambda step=step: visitor.post(page, step), email=email))  # type: ignore[misc]
            done.append(watch(lambda: visitor.get(page), email=email))
    return done


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("make", KINDS)
def test_known_address_looks_as_an_unknown_one(path: str, make: Callable[[], None]) -> None:
    make()

    known, unknown = use(path, "known@example.com"), use(path, "empty@example.com")

    assert differences(known, unknown) == []


@pytest.mark.parametrize("path", FORMS)
def test_password_is_hashed_once_wherever_one_is_typed(path: str) -> None:
    make_known()

    for email in ("known@example.com", "nobody@example.com"):
        assert use(path, email)[0].hashed == ("password" in str(FORMS[path](email)))


def test_flooded_address_gets_no_more_letters() -> None:
    make_just_mailed()

    assert len(letters_to("known@example.com")) == 6


def test_control_letters_differ_and_codes_work() -> None:
    """The owner of an address does learn it, by the letter: this is what the pages must not show."""
    make_known()
    for email in ("known@example.com", "nobody@example.com"):
        Visitor().post("/account/login/code/", {"email": email})
    subjects = [letters_to(email)[0].subject for email in ("known@example.com", "nobody@example.com")]
    assert subjects == ["Your code to sign in", "There is no account for this address"]

    visitor = Visitor()
    visitor.post("/account/login/code/", {"email": "known@example.com"})
    visitor.post("/account/login/code/confirm/", {"code": code_for("known@example.com")})
    assert visitor.is_signed_in


def test_control_a_hash_left_out_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    make_known()
    monkeypatch.setattr(sign_up, "make_password", lambda password: "!")

    assert use("/account/signup/", "known@example.com")[0].hashed == 0


def test_control_a_letter_left_out_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "has_purchases", lambda email: False)
    one = use("/account/login/code/", "nobody@example.com")
    monkeypatch.setattr(codes, "queue_letter", lambda *arguments, **named: None)

    other = use("/account/login/code/", "somebody@example.com")

    assert (one[0].letters, other[0].letters) == (1, 0)
    assert one != other


@pytest.mark.parametrize("make", [make_known, make_suspended, make_pending, make_secondary])
def test_address_that_is_added_to_an_account_looks_the_same(make: Callable[[], None]) -> None:
    make()

    def add(email: str) -> list[Done]:
        eve = signed_in(make_person(f"eve-{email}"))
        page, form, wrong = (
            "/account/confirm-email/",
            {"action_add": "1", "email": email},
            STEPS["a wrong code"],
        )
        return [
            watch(lambda: eve.post("/account/email/", form), email=email),
            watch(lambda: eve.get(page), email=email),
            watch(lambda: eve.post(page, wrong), email=email),
        ]

    assert differences(add("known@example.com"), add("empty@example.com")) == []
