"""Whoever got hold of a secret link has nothing of it once the link was ended."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.core.ids import new_id
from kassa.identity.models import SecurityEvent
from kassa.tickets.domain.revoke_links import revoke_order_links, revoke_ticket_links, revoke_transfer_links
from tests.storefront.pages import BROWSER, order_path, ticket_path, transfer_path
from tests.support.api_client import ApiClient, make_api_client
from tests.tickets.holders import Holders
from tests.tickets.test_links import legacy_token

pytestmark = pytest.mark.django_db(transaction=True)

OF_ORDER = ["", "/tickets.pdf", "/calendar.ics", "/invoice.pdf", "/back"]
OF_TICKET = ["", "/ticket.pdf", "/calendar.ics"]


@pytest.fixture
def holders(transactional_db: None) -> Holders:
    return Holders(buyer_refunds_enabled=True)


@pytest.fixture
def api(holders: Holders) -> ApiClient:
    return make_api_client(holders.organization)


def opened(path: str, ends: list[str]) -> list[int]:
    return [BROWSER.get(f"{path}{end}").status_code for end in ends]


def old_order_path(holders: Holders) -> str:
    return f"/orders/{legacy_token('order', holders.id, holders.sold.id)}"


def test_ended_link_of_an_order_opens_nothing(holders: Holders, api: ApiClient) -> None:
    leaked = [order_path(holders), old_order_path(holders)]
    for path in leaked:  # the control: it works until it is ended
        assert opened(path, OF_ORDER) == [200, 200, 200, 200, 303]

    answer = api.post(f"/api/v1/orders/{holders.sold.id}/links/revoke", {"reason": "Posted on a forum."})

    assert answer.status_code == 200, answer.content
    for path in leaked:
        assert opened(path, OF_ORDER) == [410] * len(OF_ORDER)
        assert holders.sold.number not in BROWSER.get(path).content.decode()
        for end in ("/return", "/cancel", "/pay", "/again"):
            assert BROWSER.post(f"{path}{end}", {"everything": "on"}).status_code == 410
    fresh = order_path(holders, holders.order(holders.sold.id))
    assert opened(fresh, OF_ORDER) == [200, 200, 200, 200, 303]
    assert opened(ticket_path(holders), OF_TICKET) == [200, 200, 200]


def test_ended_link_of_a_ticket_opens_nothing(holders: Holders, api: ApiClient) -> None:
    code = holders.ticket.code
    leaked = [ticket_path(holders), f"/tickets/{legacy_token('ticket', holders.id, holders.ticket_id, code)}"]
    for path in leaked:
        assert opened(path, OF_TICKET) == [200, 200, 200]

    answer = api.post(f"/api/v1/tickets/{holders.ticket_id}/links/revoke")

    assert answer.status_code == 200
    for path in leaked:
        assert opened(path, OF_TICKET) == [410, 404, 404]
        assert BROWSER.post(path, {"action": "offer", "offer-to_email": "me@example.com"}).status_code == 410
    assert answer.json()["links"]["page"].endswith(ticket_path(holders))
    assert opened(ticket_path(holders), OF_TICKET) == [200, 200, 200]
    assert holders.ticket.code == code


def test_ended_link_of_an_offer_accepts_nothing(holders: Holders, api: ApiClient) -> None:
    transfer = holders.offer()
    leaked = [transfer_path(transfer), f"/transfers/{legacy_token('transfer', holders.id, transfer.id)}"]
    assert [BROWSER.get(path).status_code for path in leaked] == [200, 200]

    assert api.post(f"/api/v1/transfers/{transfer.id}/links/revoke").status_code == 200

    for path in leaked:
        assert BROWSER.post(path, {"action": "accept", "first_name": "Mallory"}).status_code == 410
    transfer.refresh_from_db()
    assert transfer.status == "offered"
    assert BROWSER.get(transfer_path(transfer)).status_code == 200


def test_link_signed_by_a_key_that_was_taken_away_opens_nothing(holders: Holders, settings: Any) -> None:
    leaked = order_path(holders)
    first = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second", [first]
    assert BROWSER.get(leaked).status_code == 200
    assert order_path(holders) != leaked

    settings.SECRET_KEY_FALLBACKS = []

    assert BROWSER.get(leaked).status_code == 404
    assert BROWSER.get(order_path(holders)).status_code == 200


def test_each_call_ends_once_under_one_key(holders: Holders, api: ApiClient) -> None:
    for _ in range(2):
        path = f"/api/v1/orders/{holders.sold.id}/links/revoke"
        assert api.post(path, key="leak-1").status_code == 200
    assert holders.order(holders.sold.id).link_generation == 1
    revoke_order_links(holders.by_staff(), holders.sold.id)
    assert holders.order(holders.sold.id).link_generation == 2


def test_who_ended_a_link_stands_in_the_security_log(holders: Holders, api: ApiClient) -> None:
    transfer = holders.offer()
    subjects = {"orders": holders.sold.id, "tickets": holders.ticket_id, "transfers": transfer.id}
    for noun, subject in subjects.items():
        assert api.post(f"/api/v1/{noun}/{subject}/links/revoke").status_code == 200

    entries = SecurityEvent.objects.of(holders.id).filter(kind="links.revoked").order_by("created_at")

    assert [(one.subject_id, one.details) for one in entries] == [
        (holders.sold.id, {"of": "order"}),
        (holders.ticket_id, {"of": "ticket"}),
        (transfer.id, {"of": "transfer"}),
    ]
    assert {one.actor_kind for one in entries} == {"api_key"}


def test_strangers_end_nothing(holders: Holders) -> None:
    stranger = make_api_client(Holders().organization)
    transfer = holders.offer()
    for path in (
        f"orders/{holders.sold.id}",
        f"tickets/{holders.ticket_id}",
        f"transfers/{transfer.id}",
        f"orders/{new_id()}",
    ):
        assert stranger.post(f"/api/v1/{path}/links/revoke").status_code == 404
    assert opened(order_path(holders), [""]) == opened(ticket_path(holders), [""]) == [200]


def test_other_links_go_on(holders: Holders) -> None:
    """One by one: ending the link of one ticket ends neither that of another one nor that of the order."""
    other = holders.tickets_of(holders.sold)[1]
    transfer = holders.offer()

    revoke_ticket_links(holders.by_staff(), other.id)
    revoke_transfer_links(holders.by_staff(), transfer.id)

    assert opened(order_path(holders), [""]) == opened(ticket_path(holders), [""]) == [200]
