"""Who did something to a ticket, its offers, its looks and its keys stands in the activity log."""

from __future__ import annotations

from typing import Any

import pytest

from kassa.core.models import LogEntry
from kassa.tickets.domain.keys import revoke_key, rotate_keys
from kassa.tickets.domain.revoke_links import revoke_order_links, revoke_ticket_links, revoke_transfer_links
from kassa.tickets.domain.transfer import Offer, offer_ticket
from kassa.tickets.models import Transfer
from tests.contract.tickets import set_up_wallets
from tests.storefront.pages import BROWSER, ticket_path, transfer_path
from tests.support.api_client import make_api_client
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db


@pytest.fixture
def holders() -> Holders:
    return Holders()


def entries_about(holders: Holders, subject_id: Any) -> list[LogEntry]:
    return list(LogEntry.objects.of(holders.id).filter(subject_id=subject_id).order_by("id"))


def test_each_act_on_a_ticket_stands_in_the_log(holders: Holders) -> None:
    holders.write(first_name="Augusta")
    holders.block("Stolen.")
    holders.unblock()
    holders.reissue()
    revoke_ticket_links(holders.by_staff("Posted on a forum."), holders.ticket_id)

    changed, blocked, unblocked, reissued, revoked = entries_about(holders, holders.ticket_id)
    assert changed.action == "ticket.changed"
    assert set(changed.changes) == {"attendee_first_name"}
    assert "Augusta" not in str(changed.changes)
    assert (changed.actor_kind, changed.actor_id) == ("holder", holders.ticket_id)
    assert (blocked.action, blocked.changes["block_reason"]) == ("ticket.blocked", ["", "Stolen."])
    assert unblocked.action == "ticket.unblocked"
    assert (reissued.action, reissued.changes) == ("ticket.reissued", {"code": ["…", "…"]})
    assert (revoked.action, revoked.reason) == ("ticket.links_revoked", "Posted on a forum.")
    assert revoked.changes == {"link_generation": [0, 1]}


def test_each_act_on_an_offer_stands_in_the_log(holders: Holders) -> None:
    acts = {"withdrawn": holders.withdraw, "declined": holders.decline, "accepted": holders.accept}
    for status, end in acts.items():
        transfer = holders.offer()
        if status == "accepted":
            revoke_transfer_links(holders.by_staff(), transfer.id)
        end(transfer)

        made, *_, ended = entries_about(holders, transfer.id)
        assert (made.action, made.actor_kind) == ("transfer.created", "holder")
        assert "grace@example.com" not in str(made.changes)
        assert (ended.action, ended.changes) == (f"transfer.{status}", {"status": ["offered", status]})


def test_nothing_that_changes_nothing_stands_in_the_log(holders: Holders) -> None:
    ticket = holders.ticket
    holders.write(first_name=ticket.attendee_first_name)
    holders.unblock()

    assert entries_about(holders, holders.ticket_id) == []


def test_the_end_of_an_order_s_links_stands_in_the_log(holders: Holders) -> None:
    revoke_order_links(holders.by_staff(), holders.sold.id)

    actions = [entry.action for entry in entries_about(holders, holders.sold.id)]
    assert actions[-1] == "order.links_revoked"


def test_keys_stand_in_the_log_by_their_public_names(holders: Holders) -> None:
    key = rotate_keys(holders.by_staff())
    revoke_key(holders.by_staff(), key.key_id)
    revoke_key(holders.by_staff(), key.key_id)

    rotated, revoked = entries_about(holders, key.id)
    assert (rotated.action, rotated.changes) == ("signing_key.rotated", {"key_id": [None, key.key_id]})
    assert revoked.action == "signing_key.revoked"


def test_what_is_done_by_a_link_says_that_it_was_a_holder(holders: Holders) -> None:
    wanted = {"action": "offer", "offer-to_name": "Grace Hopper", "offer-to_email": "grace@example.com"}
    assert BROWSER.post(ticket_path(holders), wanted).status_code == 303
    transfer = Transfer.objects.of(holders.id).get()
    assert (transfer.offered_by_kind, transfer.offered_by) == ("holder", None)

    accepted = {"action": "accept", "first_name": "Grace", "last_name": "Hopper"}
    assert BROWSER.post(transfer_path(transfer), accepted).status_code == 303

    made, ended = entries_about(holders, transfer.id)
    assert (made.actor_kind, ended.actor_kind) == ("holder", "holder")
    assert (made.actor_id, ended.actor_id) == (holders.ticket_id, holders.ticket_id)
    assert made.address == "127.0.0.1"


def test_staff_offer_a_ticket_in_their_own_name(holders: Holders) -> None:
    transfer = offer_ticket(holders.by_staff(), holders.ticket_id, offer=Offer("grace@example.com"))

    assert transfer.offered_by_kind == holders.actor.kind


@pytest.mark.parametrize(
    ("path", "first", "second"),
    [
        ("ticket-designs/default", {"primary_color": "#112233"}, {"primary_color": "#445566"}),
        ("events/{event}/ticket-design", {"primary_color": "#112233"}, {"primary_color": "#445566"}),
    ],
)
def test_designs_are_logged_and_change_only_in_the_version_read(
    holders: Holders, path: str, first: dict[str, str], second: dict[str, str]
) -> None:
    api, path = make_api_client(holders.organization), f"/api/v1/{path.format(event=holders.event.id)}"
    assert "ETag" not in api.get(path).headers
    tag = api.put(path, first)["ETag"]
    assert api.get(path)["ETag"] == tag

    changed = api.call("PUT", path, second, HTTP_IF_MATCH=tag)
    late = api.call("PUT", path, first, HTTP_IF_MATCH=tag)
    assert (changed.status_code, late.status_code) == (200, 412)
    assert api.get(path).json()["primary_color"] == "#445566"
    api.delete(path)
    assert api.call("PUT", path, first, HTTP_IF_MATCH=changed["ETag"]).status_code == 412

    entries = LogEntry.objects.of(holders.id).filter(action__startswith="ticket_design.").order_by("id")
    assert [entry.action for entry in entries] == [
        "ticket_design.created",
        "ticket_design.changed",
        "ticket_design.deleted",
    ]
    assert entries[1].changes == {"primary_color": ["#112233", "#445566"]}


def test_a_wallet_is_logged_without_its_secrets(holders: Holders) -> None:
    set_up_wallets(holders.organization)
    api, path = make_api_client(holders.organization), "/api/v1/wallet-accounts/apple"
    tag = api.get(path)["ETag"]
    configuration = api.get(path).json()["configuration"]
    changed = api.call("PUT", path, {"configuration": configuration}, HTTP_IF_MATCH=tag)
    late = api.call("PUT", path, {"configuration": configuration}, HTTP_IF_MATCH=tag)
    assert (changed.status_code, late.status_code) == (200, 412)
    api.delete(path)

    entries = LogEntry.objects.of(holders.id).filter(action__startswith="wallet_account.").order_by("id")
    assert [entry.action.partition(".")[2] for entry in entries] == [
        "created",
        "created",
        "changed",
        "deleted",
    ]
    assert "PRIVATE KEY" not in str([entry.changes for entry in entries])
    assert entries[0].changes["secrets_set"][1] == ["certificate", "intermediate_certificate", "private_key"]


def test_a_ticket_changes_only_in_the_version_read(holders: Holders) -> None:
    api, path = make_api_client(holders.organization), f"/api/v1/tickets/{holders.ticket_id}"
    tag = api.get(path)["ETag"]

    changed = api.call("PATCH", path, {"first_name": "Augusta"}, HTTP_IF_MATCH=tag)
    late = api.call("PATCH", path, {"first_name": "Eve"}, HTTP_IF_MATCH=tag)

    assert (changed.status_code, changed["ETag"]) == (200, api.get(path)["ETag"])
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert holders.ticket.attendee_first_name == "Augusta"
