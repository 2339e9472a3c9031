"""Who has handed a ticket on keeps a link to its offer: it never leads to what the ticket is now."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.storefront.pages import BROWSER, links_of, ticket_path, transfer_path
from tests.support.clocks import machines_that_disagree
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db
NEVER = datetime.min.replace(tzinfo=UTC)


def test_a_link_opens_nothing_any_more_though_its_machine_was_ahead() -> None:
    """The machine that accepted it last believes that it did so five seconds before the first."""
    holders = Holders()
    with machines_that_disagree(1):
        first = holders.accept(holders.offer("ben@example.com"))
    with machines_that_disagree(0):
        assert ticket_path(holders) in links_of(BROWSER.get(transfer_path(first)))  # the control
    with machines_that_disagree(-5):
        last = holders.accept(holders.offer("cleo@example.com"))

    with machines_that_disagree(0):
        assert ticket_path(holders) in links_of(BROWSER.get(transfer_path(last)))
        of_first = links_of(BROWSER.get(transfer_path(first)))
    assert not [link for link in of_first if "/tickets/" in link]
    assert (first.ended_at or NEVER) > (last.ended_at or NEVER)  # by moments, the first holder would have it
