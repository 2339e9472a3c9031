"""Settings for trials: said at the start of a Kassa for the public, and by ``kassa doctor --production``."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from urllib.parse import urlsplit

import click

from kassa.cli.settings import is_demo_wanted

FRAME = "!" * 100


@dataclass(frozen=True, slots=True)
class Weakness:
    """A setting that is for trials; `advice` says what is wrong and what to do."""

    subject: str
    advice: str


def is_public(base_url: str) -> bool:
    """Say whether an address is one that other machines reach."""
    host = urlsplit(base_url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost" and not host.endswith((".localhost", ".test", ".local"))


def is_production(settings: ModuleType) -> bool:
    """Say whether Kassa seems to be for the public: without demo data, or at an address that others reach."""
    return not is_demo_wanted() or is_public(settings.BASE_URL)


def find_weaknesses(settings: ModuleType) -> list[Weakness]:
    """Return all settings that are for trials."""
    return [found for check in _CHECKS for found in check(settings)]


def warn_of_weaknesses(settings: ModuleType) -> None:
    """Say loudly what is for trials, where Kassa seems to be for the public."""
    found = find_weaknesses(settings) if is_production(settings) else []
    if found:
        click.echo(f"{FRAME}\nNOT READY FOR THE PUBLIC", err=True)
        for weakness in found:
            click.echo(f"  {weakness.subject}: {weakness.advice}", err=True)
        click.echo(f"`kassa doctor --production` checks all of it.\n{FRAME}", err=True)


def _demo(settings: ModuleType) -> Iterator[Weakness]:
    if is_demo_wanted():
        yield Weakness("demo data", "it would be loaded, with keys that lie in a file; set KASSA_DEMO=0.")


def _demo_bank(settings: ModuleType) -> Iterator[Weakness]:
    if settings.DEMO_PAYMENTS:
        yield Weakness(
            "demo bank", "its visitors say themselves that they have paid; set KASSA_DEMO_PAYMENTS=0."
        )


def _mailbox(settings: ModuleType) -> Iterator[Weakness]:
    if settings.MAIL_TRANSPORT == "keep":
        yield Weakness(
            "mail",
            "messages are not sent, and whoever knows the mailbox page's address reads all of them; "
            "set KASSA_MAIL_TRANSPORT, KASSA_MAIL_FROM and KASSA_MAIL_SMTP_URL.",
        )


def _base_url(settings: ModuleType) -> Iterator[Weakness]:
    address = settings.BASE_URL
    if not is_public(address):
        yield Weakness("base URL", f"links lead to {address}; set KASSA_BASE_URL to the one that buyers use.")
    elif not address.startswith("https:"):
        yield Weakness(
            "base URL",
            f"whoever is on the way to {address} reads all links and cookies; put a proxy that does TLS in "
            "front, and set KASSA_BASE_URL to its address with https://.",
        )


def _hosts(settings: ModuleType) -> Iterator[Weakness]:
    if "*" in settings.SERVED_HOSTS:
        yield Weakness("hosts", "requests for any host are answered; set KASSA_ALLOWED_HOSTS to your names.")


def _proxies(settings: ModuleType) -> Iterator[Weakness]:
    if settings.BASE_URL.startswith("https:") and settings.TRUSTED_PROXIES == 0:
        yield Weakness(
            "proxies",
            "limits per address are off, since visitors behind the proxy that does TLS cannot be told apart; "
            "set KASSA_TRUSTED_PROXIES to the number of proxies.",
        )


_CHECKS: tuple[Callable[[ModuleType], Iterator[Weakness]], ...] = (
    _demo,
    _demo_bank,
    _mailbox,
    _base_url,
    _hosts,
    _proxies,
)
