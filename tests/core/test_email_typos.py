"""Which addresses are asked about."""

from __future__ import annotations

import pytest

from kassa.core.email_typos import MAIL_DOMAINS, OTHERS, suggest_email


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("hotmial.fr", "hotmail.fr"),
        ("outlok.com", "outlook.com"),
        ("yaho.com", "yahoo.com"),
        ("wanado.fr", "wanadoo.fr"),
        ("icloud.co", "icloud.com"),
    ],
)
def test_one_slip_is_asked_about(typed: str, meant: str) -> None:
    assert suggest_email(f"ada@{typed}") == f"ada@{meant}"


@pytest.mark.parametrize(
    "domain", [*MAIL_DOMAINS, *sorted(OTHERS), "example.com", "wes.de", "gm.com", "lesse.fr", ""]
)
def test_what_looks_right_is_not(domain: str) -> None:
    assert suggest_email(f"ada@{domain}") is None
