"""One form of each address, whoever typed it how; and no address that mail cannot be written to."""

from __future__ import annotations

import unicodedata

import pytest
from django.core.validators import validate_email
from hypothesis import given
from hypothesis import strategies as st

from kassa.core.email_addresses import (
    SENTENCES,
    AddressFault,
    InvalidEmailAddress,
    display_email,
    email_key,
    mailbox_key,
    parse_email_address,
)

PUNYCODE = "ada@xn--bcher-shop-9db.example"
FORMS = {
    "ada@example.com": "ada@example.com",
    " Ada.Lovelace+x@Example.COM\n": "Ada.Lovelace+x@example.com",
    "ada@kassa-sink.net.": "ada@kassa-sink.net",
    "ada@kassa-sink.net\u200b": "ada@kassa-sink.net",
    "\ufeffa\u00adda@kassa\u2060-sink.net": "ada@kassa-sink.net",
    "ada@bücher-shop.example": PUNYCODE,
    "ada@bu\u0308cher-shop.example": PUNYCODE,
    "ada@BÜCHER-SHOP.example": PUNYCODE,
    "ada@XN--BCHER-SHOP-9DB.example.": PUNYCODE,
    "a@faß.de": "a@xn--fa-hia.de",
    "ada@example。com": "ada@example.com",
    "a@xn--i-7iq.ws": "a@xn--i-7iq.ws",
    f"{'x' * 64}@example.com": f"{'x' * 64}@example.com",
}
REFUSED = {
    "": AddressFault.INCOMPLETE,
    "ada": AddressFault.INCOMPLETE,
    "@example.com": AddressFault.INCOMPLETE,
    "ada@": AddressFault.INCOMPLETE,
    "\u200b@example.com": AddressFault.INCOMPLETE,
    "eve,ada@kassa-sink.net": AddressFault.MAILBOX,
    "<ada@kassa-sink.net>": AddressFault.MAILBOX,
    '"x"@kassa-sink.net': AddressFault.MAILBOX,
    "ada..b@kassa-sink.net": AddressFault.MAILBOX,
    ".ada@kassa-sink.net": AddressFault.MAILBOX,
    "ada b@kassa-sink.net": AddressFault.MAILBOX,
    "ada\x00@kassa-sink.net": AddressFault.MAILBOX,
    "ąda@kassa-sink.net": AddressFault.LETTERS,
    "ada@kassa-sink..net": AddressFault.DOMAIN,
    "ada@kassa-sink.net..": AddressFault.DOMAIN,
    "ada@localhost": AddressFault.DOMAIN,
    "ada@[127.0.0.1]": AddressFault.DOMAIN,
    "ada@127.0.0.1": AddressFault.DOMAIN,
    "ada@kassa_sink.net": AddressFault.DOMAIN,
    "ada@-sink.net": AddressFault.DOMAIN,
    "ada@sink.n": AddressFault.DOMAIN,
    "ada@i❤.ws": AddressFault.DOMAIN,
    f"{'x' * 65}@example.com": AddressFault.TOO_LONG,
    f"ada@{'x.' * 130}example.com": AddressFault.TOO_LONG,
    "a" * 600: AddressFault.TOO_LONG,
}


@pytest.mark.parametrize(("typed", "kept"), FORMS.items(), ids=[ascii(typed)[:40] for typed in FORMS])
def test_all_spellings_of_an_address_have_one_form(typed: str, kept: str) -> None:
    assert str(parse_email_address(typed)) == kept
    assert email_key(typed) == kept.lower()
    validate_email(kept)


@pytest.mark.parametrize(("typed", "fault"), REFUSED.items(), ids=[ascii(typed)[:40] for typed in REFUSED])
def test_what_mail_cannot_be_written_to_is_refused_with_a_reason(typed: str, fault: AddressFault) -> None:
    with pytest.raises(InvalidEmailAddress) as refused:
        parse_email_address(typed)

    assert (refused.value.fault, str(refused.value)) == (fault, SENTENCES[fault])


def test_readers_see_the_letters_of_a_domain() -> None:
    assert display_email(PUNYCODE) == "ada@bücher-shop.example"
    assert display_email("ada@example.com") == "ada@example.com"
    assert display_email("a@xn--i-7iq.ws") == "a@xn--i-7iq.ws"
    assert display_email("") == ""


@pytest.mark.parametrize(
    ("key", "mailbox"),
    [
        ("ada+news@example.com", "ada@example.com"),
        ("ada+a+b@example.com", "ada@example.com"),
        ("a.da@example.com", "a.da@example.com"),
        ("a.d.a+x@googlemail.com", "ada@gmail.com"),
        ("+news@example.com", "+news@example.com"),
        ("no address", "no address"),
    ],
)
def test_sub_addresses_lead_to_one_mailbox(key: str, mailbox: str) -> None:
    assert mailbox_key(key) == mailbox
    assert mailbox_key(mailbox) == mailbox


@given(
    st.text(st.characters(codec="utf-8"), max_size=30) | st.emails(),
    st.sampled_from(["", "@bücher.example", "@Example.com.", "@例え.jp", "\u200b"]),
)
def test_what_is_taken_has_one_form_for_good(start: str, end: str) -> None:
    typed = start + end
    try:
        address = parse_email_address(typed)
    except InvalidEmailAddress:
        return
    kept = str(address)

    validate_email(kept)
    assert kept.isascii()
    assert len(kept) <= 254
    assert str(parse_email_address(kept)) == kept
    for other in (display_email(kept), unicodedata.normalize("NFD", typed), f"{typed}\u200b", f" {typed}"):
        assert email_key(other) == address.key
