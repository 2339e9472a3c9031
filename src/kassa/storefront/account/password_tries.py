"""How often passwords may be tried; those that are right count for little.

An account is counted by network, and with far more tries over all networks: else anybody could keep its owner
out by wrong passwords.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from kassa.core.budgets import Rate
from kassa.core.client_address import countable_address_in
from kassa.core.email_addresses import email_key
from kassa.core.rate_limits import RateLimit, TooManyRequests, confirm, give_back, require, reserve
from kassa.storefront.account.mailbox_budgets import network_in

SIGN_INS = RateLimit("sign_ins", per="address", default=Rate(30, 60, 30))
"""Tries of any outcome: to look at a password takes long on purpose."""
WRONG_PASSWORDS = RateLimit("wrong_passwords", per="address", default=Rate(10, 60, 10), is_shared=True)
OF_NETWORK = RateLimit(
    "wrong_passwords_network", per="e-mail address and network", default=Rate(60, 3600, 5), is_shared=True
)
OF_ALL = RateLimit("wrong_passwords_all", per="e-mail address", default=Rate(300, 3600, 100), is_shared=True)
PasswordTry = tuple[tuple[RateLimit, str], ...]
"""What a try has reserved: limits and their subjects."""


def reserve_try(request: HttpRequest, email: str, *, now: datetime) -> PasswordTry:
    """Count a try before it is known whether the password is right.

    Raises:
        TooManyRequests: too many were wrong, or there were too many at all.
    """
    address, key = countable_address_in(request.META), email_key(email)
    counted: PasswordTry = ((OF_NETWORK, f"{key} {network_in(request)}"), (OF_ALL, key))
    if address is not None:
        require(SIGN_INS, address.host, now=now)
        counted = ((WRONG_PASSWORDS, address.host), *counted)
    for position, (limit, subject) in enumerate(counted):
        try:
            reserve(limit, subject, now=now)
        except TooManyRequests:
            give_back_try(counted[:position], now=now)
            raise
    return counted


def give_back_try(counted: PasswordTry, *, now: datetime) -> None:
    """Take back a try: the password was right."""
    for limit, subject in counted:
        give_back(limit, subject, now=now)


def confirm_try(counted: PasswordTry, *, now: datetime) -> None:
    """Let a try count for all processes: the password was wrong.

    Raises:
        TooManyRequests: other processes have counted as many as there may be.
    """
    for limit, subject in counted:
        confirm(limit, subject, now=now)
