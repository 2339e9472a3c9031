"""The mailbox page: who knows its address reads what was kept, and nobody else finds anything there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from kassa.core.clock import utc_now
from kassa.core.ids import new_id
from kassa.identity.domain.account_mail import AccountLetter, write_account_mail
from kassa.notifications.domain.mailbox import mailbox_secret, mailbox_url
from kassa.notifications.models import Message
from kassa.sales.domain.request import Customer
from tests.notifications.office import Office


@pytest.fixture
def office(transactional_db: None) -> Office:
    office = Office()
    office.work()
    return office


QUERIES = [{"before": "x"}, {"to": "\x00"}, {"to": "%' OR 1=1 --"}, {"to": "x" * 5000}]


def address(path: str = "") -> str:
    return f"/mailbox/{mailbox_secret(django_settings.SECRET_KEY)}/{path}"


def get(path: str = "", **query: str) -> Any:
    return Client().get(address(path), query)


def test_the_list_shows_what_was_kept(office: Office) -> None:
    page = get()

    assert page.status_code == 200
    assert "Your tickets for Night of Strings" in page.content.decode()
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert page["Referrer-Policy"] == "no-referrer"


def test_one_finds_what_was_written_to_somebody(office: Office) -> None:
    office.place(customer=Customer(email="grace@example.com"))
    office.work()

    found = get(to="GRACE").content.decode()

    assert "grace@example.com" in found
    assert "ada@example.com" not in found.replace("placeholder", "", 1).replace('="ada@example.com"', "")


def test_a_message_is_shown_in_a_frame_and_as_text(office: Office) -> None:
    message = office.message("order_confirmed")

    page, text, html = (
        get(f"{message.id}/"),
        get(f"{message.id}/", **{"as": "text"}),
        get(f"{message.id}/html"),
    )

    assert 'sandbox="allow-popups' in page.content.decode()
    assert "Total" in text.content.decode()
    assert "<pre>" in text.content.decode()
    assert "sandbox" in html["Content-Security-Policy"]
    assert "script" not in html["Content-Security-Policy"]
    assert html.content.decode().startswith("<!doctype html>")


def test_its_file_is_made_anew(office: Office) -> None:
    message = office.message("order_confirmed")
    [link] = re.findall(r'href="([^"]*/files/[^"]*)"', get(f"{message.id}/").content.decode())

    answer = Client().get(link)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize("path", ["", "{id}/", "{id}/html", "{id}/files/tickets.pdf"])
@pytest.mark.parametrize(
    ("accepted", "told_as"),
    [("text/html", "text/html; charset=utf-8"), ("application/json", "application/problem+json")],
    ids=["browser", "program"],
)
def test_another_secret_finds_nothing(office: Office, path: str, accepted: str, told_as: str) -> None:
    message = office.message("order_confirmed")

    answer = Client().get(f"/mailbox/{'0' * 40}/{path.format(id=message.id)}", HTTP_ACCEPT=accepted)

    assert (answer.status_code, answer["Content-Type"]) == (404, told_as)
    assert b"Night" not in answer.content


@pytest.mark.parametrize("path", ["", "{id}/", "{id}/html"])
def test_there_is_no_mailbox_where_messages_are_sent(office: Office, settings: Any, path: str) -> None:
    settings.MAIL_TRANSPORT = "smtp"

    assert get(path.format(id=office.message("order_confirmed").id)).status_code == 404


def test_what_is_not_there_is_not_found(office: Office) -> None:
    message = office.message("order_confirmed")

    assert [get(f"{new_id()}/").status_code, get(f"{message.id}/files/other.pdf").status_code] == [404, 404]


def test_messages_are_escaped_in_the_list(office: Office) -> None:
    Message.unscoped.update(subject="<script>alert(1)</script>")

    assert b"<script>" not in get().content


def test_older_messages_are_on_the_next_page(office: Office) -> None:
    message = office.message("order_confirmed")
    for number in range(50):
        Message.unscoped.create(
            organization_id=office.id,
            order_id=message.order_id,
            kind=message.kind,
            language="en",
            recipient=f"guest-{number}@example.com",
            occasion=str(number),
            status="kept",
            subject=f"Number {number}",
        )

    first = get().content.decode()
    [older] = re.findall(r"before=([0-9a-f-]{36})", first)

    assert "Your tickets" not in first
    assert "Your tickets" in get(before=older).content.decode()


@pytest.mark.parametrize(
    "query", [{"before": "x"}, {"to": "\x00"}, {"to": "%' OR 1=1 --"}, {"to": "x" * 5000}]
)
def test_any_query_is_answered(office: Office, query: dict[str, str]) -> None:
    assert get(**query).status_code == 200


def test_a_post_is_refused(office: Office) -> None:
    assert Client().post(address()).status_code == 405


def test_its_address_is_told_only_where_it_exists() -> None:
    kept = mailbox_url("https://kassa.test/", secret_key="s", transport="keep")

    assert kept is not None
    assert re.fullmatch(r"https://kassa\.test/mailbox/[0-9a-f]{40}/", kept)
    assert mailbox_url("https://kassa.test", secret_key="other", transport="keep") != kept
    assert mailbox_url("https://kassa.test", secret_key="s", transport="smtp") is None


def test_letters_about_accounts_stand_among_the_messages(office: Office) -> None:
    letter = AccountLetter("ada@example.com", "Your code to sign in", "BCDF-GHJK\n", "<head></head>BCDF-GHJK")
    write_account_mail(letter, now=utc_now())

    page = get(to="ADA@").content.decode()
    path = re.search(r"accounts/[0-9a-f-]+/", page)
    assert path
    assert "Your code to sign in" in page
    assert "BCDF-GHJK" in get(path.group(), **{"as": "text"}).content.decode()
    assert "<dt>From</dt><dd>Kassa</dd>" in get(path.group()).content.decode()
    assert "sandbox" in get(f"{path.group()}html")["Content-Security-Policy"]
    assert get("accounts/00000000-0000-7000-8000-000000000000/").status_code == 404
