"""Addresses that are probably mistyped: a domain that is one slip away from one that very many people use."""

from __future__ import annotations

MAIL_DOMAINS = (
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "hotmail.de", "hotmail.fr", "hotmail.it",
    "outlook.com", "outlook.de", "outlook.fr", "yahoo.com", "yahoo.co.uk", "yahoo.de", "yahoo.es", "yahoo.fr",
    "yahoo.it", "icloud.com", "aol.com", "live.com", "live.co.uk", "live.fr", "proton.me", "protonmail.com",
    "orange.fr", "wanadoo.fr", "laposte.net", "free.fr", "sfr.fr", "bbox.fr", "t-online.de", "freenet.de",
    "web.de", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "posteo.de", "bluewin.ch", "libero.it",
    "virgilio.it", "btinternet.com", "comcast.net", "verizon.net", "sympatico.ca", "videotron.ca",
)  # fmt: skip
"""The commonest, the likelier first."""
OTHERS = frozenset(
    {"mail.com", "email.com", "ymail.com", "fmail.com", "hotmail.be", "hotmail.ca", "hotmail.ch"}
    | {"hotmail.es", "outlook.at", "outlook.be", "outlook.es", "outlook.it", "yahoo.ca", "yahoo.in"}
    | {"live.be", "live.ca", "live.de", "live.it", "live.nl", "gmx.eu", "gmx.us", "gmx.fr", "gmx.li"}
    | {"proton.ch", "posteo.at", "posteo.ch", "posteo.me", "posteo.net", "aol.de", "aol.fr", "orange.es"}
)
"""Real ones that lie one slip away from those above."""
SHORTEST_NAME = 5
"""A name with fewer letters has too many real neighbours."""


def suggest_email(address: str) -> str | None:
    """Return the address that was probably meant. None: this one looks right."""
    local, _, domain = address.rpartition("@")
    if domain in MAIL_DOMAINS or domain in OTHERS:
        return None
    for likely in MAIL_DOMAINS:
        if len(likely.partition(".")[0]) >= SHORTEST_NAME and is_one_slip_away(domain, likely):
            return f"{local}@{likely}"
    return None


def is_one_slip_away(text: str, other: str) -> bool:
    """Say whether one letter too many, missing or wrong, or two changed about, make one of the other."""
    if len(text) > len(other):
        text, other = other, text
    if len(other) - len(text) > 1 or text == other:
        return False
    start = next((at for at, letter in enumerate(text) if letter != other[at]), len(text))
    if len(text) < len(other):
        return text[start:] == other[start + 1 :]
    rest, other_rest = text[start:], other[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == other_rest[1:] or swapped == other_rest
