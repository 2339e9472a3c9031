"""Nobody keeps the owner of an address out by using up what may be asked for it or tried with it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account import app_settings

from kassa.identity.models import User
from tests.storefront.account.lost_orders import answer_requests, forget_requests
from tests.storefront.account.visitor import PASSWORD, Visitor, code_for, letters_to, make_person
from tests.storefront.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_refill")]
ADA = "ada@example.com"
HOME, ELSEWHERE = "192.0.2.7", "203.0.113.9"
CODE_PAGES = ("/account/login/code/", "/account/password/reset/")


def at(address: str) -> Visitor:
    return Visitor(REMOTE_ADDR=address)


def ask_for_codes(path: str, *, times: int = 12, address: str = ELSEWHERE, email: str = ADA) -> None:
    for _ in range(times):
        at(address).send(path, email=email)


@pytest.mark.parametrize("path", CODE_PAGES)
def test_codes_that_a_stranger_asks_for_leave_some_for_the_owner(path: str) -> None:
    make_person()
    ask_for_codes(path)
    before = len(letters_to(ADA))

    owner = at(HOME)
    owner.send("/account/login/code/", email=ADA)
    assert len(letters_to(ADA)) == before + 1
    owner.send("/account/login/code/confirm/", code=code_for(ADA))

    assert owner.is_signed_in
    ask_for_codes(path)  # the control: the stranger's network gets no more
    assert (before, len(letters_to(ADA))) == (6, 7)


def test_owner_is_not_flooded_from_many_networks(settings: Any) -> None:
    make_person()
    settings.RATES = {"account_letters_all": (8, 3600, 8), "account_codes": None}
    for number in range(12):
        ask_for_codes(CODE_PAGES[0], times=1, address=f"198.{number}.100.9")

    assert len(letters_to(ADA)) == 8
    settings.RATES = {"account_letters_all": None}  # the control
    ask_for_codes(CODE_PAGES[0], times=1, address="198.99.100.9")
    assert len(letters_to(ADA)) == 9


def test_sub_addresses_are_one_mailbox(settings: Any) -> None:
    settings.RATES = {"account_codes": None}
    for number in range(12):
        ask_for_codes(CODE_PAGES[0], times=1, email=f"ada+{number}@example.com")

    assert sum(len(letters_to(f"ada+{number}@example.com")) for number in range(12)) == 6
    ask_for_codes(CODE_PAGES[0], times=1, email="bob@example.com")  # the control
    assert len(letters_to("bob@example.com")) == 1


@pytest.mark.django_db(transaction=True)
def test_links_to_orders_that_a_stranger_asks_for_leave_some_for_the_owner() -> None:
    forget_requests()
    for address in [ELSEWHERE] * 5 + [HOME, ELSEWHERE]:
        at(address).send("/account/find-order/", email=ADA)
    answer_requests()

    assert len(letters_to(ADA)) == 4  # three of the stranger's, and the owner's own


def sign_in(address: str, password: str) -> str:
    return text_of(at(address).send("/account/login/", login=ADA, password=password))


def test_wrong_passwords_of_a_stranger_keep_no_owner_out() -> None:
    make_person()
    for _ in range(7):
        sign_in(ELSEWHERE, "wrong")

    owner = at(HOME)
    owner.send("/account/login/", login=ADA, password=PASSWORD)

    assert owner.is_signed_in
    assert "Too many attempts" in sign_in(ELSEWHERE, PASSWORD)  # the control: the stranger is kept out


def test_password_is_not_guessed_from_many_networks(settings: Any) -> None:
    make_person()
    settings.RATES = {"wrong_passwords_all": (6, 3600, 6)}
    for number in range(6):
        sign_in(f"198.{number}.100.9", "wrong")

    assert "Too many attempts" in sign_in(HOME, PASSWORD)
    settings.RATES = {"wrong_passwords_all": None}  # the control
    assert "Too many attempts" not in sign_in(HOME, PASSWORD)


def test_one_address_tries_few_passwords_of_many_people() -> None:
    for number in range(11):
        User.objects.create_user(f"a{number}@example.com", PASSWORD)
    pages = [
        text_of(at(ELSEWHERE).send("/account/login/", login=f"a{number}@example.com", password="wrong"))
        for number in range(11)
    ]

    assert ["Too many attempts" in page for page in pages] == [False] * 10 + [True]
    assert "Too many attempts" not in sign_in(HOME, "wrong")  # the control


def test_right_passwords_are_not_counted() -> None:
    make_person()
    for _ in range(12):
        visitor = at(HOME)
        visitor.send("/account/login/", login=ADA, password=PASSWORD)
        assert visitor.is_signed_in


def test_passwords_that_are_right_keep_the_machine_busy_for_so_long(settings: Any) -> None:
    make_person()
    settings.RATES = {"sign_ins": (3, 3600, 3)}
    pages = [sign_in(ELSEWHERE, PASSWORD) for _ in range(4)]

    assert ["Too many attempts" in page for page in pages] == [False, False, False, True]
    assert "Too many attempts" not in sign_in(HOME, PASSWORD)  # the control


# Behind a proxy that Kassa was not told of, all visitors come from one address.


def test_allauth_counts_nothing_by_address() -> None:
    rates = {action: str(rate or "") for action, rate in app_settings.RATE_LIMITS.items()}

    assert [action for action, rate in rates.items() if "ip" in rate] == []
    assert rates["login_failed"]  # the control: it still counts second steps by person


def behind(proxy: str, path: str, **fields: str) -> Any:
    return Visitor(REMOTE_ADDR=proxy, HTTP_X_FORWARDED_FOR="198.51.100.7").send(path, **fields)


@pytest.mark.parametrize(("proxy", "statuses"), [("10.0.0.2", {200}), ("9.9.9.9", {200, 429})])
def test_visitors_behind_an_uncounted_proxy_share_no_budget(proxy: str, statuses: set[int]) -> None:
    """An address that visitors from the internet may have is counted: the control."""
    codes = {behind(proxy, CODE_PAGES[0], email=f"a{n}@example.com").status_code for n in range(22)}
    pages = [
        text_of(behind(proxy, "/account/login/", login=f"a{n}@example.com", password="wrong"))
        for n in range(12)
    ]

    assert codes == statuses
    assert any(re.search("Too many attempts", page) for page in pages) == (429 in statuses)
