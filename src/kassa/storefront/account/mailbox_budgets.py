"""How many messages visitors who have not signed in may cause to one mailbox.

One network has a small budget, and all networks together a larger one: else anybody could use up what the
owner of the mailbox needs to get in.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from kassa.core.budgets import spend_in_database
from kassa.core.client_address import countable_address_in
from kassa.core.email_addresses import email_key, mailbox_key
from kassa.core.rate_limits import RateLimit


@dataclass(frozen=True, slots=True)
class MailboxBudget:
    """The two limits of one kind of message."""

    of_network: RateLimit
    of_all: RateLimit

    def spend(self, request: HttpRequest, email: str) -> bool:
        """Count a message to an address, and say whether it may be sent.

        The database is asked for the same, whatever it answers. What one network has too many of does not
        use up what others have: it is counted under a subject of its own, which nothing depends on.
        """
        mailbox = mailbox_key(email_key(email))
        is_within = _spend(self.of_network, f"{mailbox} {network_in(request)}")
        return _spend(self.of_all, mailbox if is_within else f"refused {mailbox}") and is_within


def network_in(request: HttpRequest) -> str:
    """Return the network of a visitor; visitors whom no address tells apart are of one, which is empty."""
    address = countable_address_in(request.META)
    return "" if address is None else address.network


def _spend(limit: RateLimit, subject: str) -> bool:
    rate = limit.rate
    return rate is None or spend_in_database(limit.name, subject, rate, cost=1) <= 0
