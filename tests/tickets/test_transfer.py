"""A ticket goes to another person: offered, accepted, declined, withdrawn, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import IntegrityError, transaction

from kassa.catalog.models import Event
from kassa.core.clock import format_moment, utc_now
from kassa.core.errors import InvalidInput, KassaError, NotFound
from kassa.core.ids import new_id
from kassa.organizations.models import OrganizationSettings
from kassa.tickets.domain.expire import expire_all_transfers
from kassa.tickets.domain.transfer import MOST_OFFERS_A_DAY, NewHolder
from kassa.tickets.errors import (
    TicketNotTransferable,
    TooManyOffers,
    TransferOpen,
    TransferOver,
    TransfersDisabled,
    TransferTooLate,
)
from kassa.tickets.models import ONE_OPEN_TRANSFER, FormerCode, Transfer
from kassa.tickets.tasks import expire_open_transfers
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db


@pytest.fixture
def holders() -> Holders:
    return Holders()


def refused(holders: Holders, error: type[KassaError], act: Callable[..., Any], *given: Any) -> KassaError:
    """Do what is refused, and prove that nothing has changed."""
    before = holders.state()
    with pytest.raises(error) as raised:
        act(*given)
    assert holders.state() == before
    return raised.value


def test_an_offer_leaves_the_ticket_where_it_is(holders: Holders) -> None:
    before = holders.ticket

    transfer = holders.offer(message="See you there", language="fr")

    ticket = holders.ticket
    assert (ticket.code, ticket.attendee_email, ticket.status) == (before.code, "", "valid")
    assert (transfer.status, transfer.from_email, transfer.to_email) == (
        "offered",
        "ada@example.com",
        "grace@example.com",
    )
    assert (transfer.message, transfer.language) == ("See you there", "fr")
    assert (transfer.offered_by, transfer.offered_by_kind) == (None, "holder")
    assert transfer.expires_at - transfer.offered_at == timedelta(days=7)
    assert holders.told_of_ticket() == ["ticket.transfer_offered"]


def test_accepting_changes_code_and_person_and_keeps_the_way(holders: Holders) -> None:
    holders.write(first_name="Ada", email="ada@home.example", answers={"size": "M"}, by_holder=False)
    before = holders.ticket
    transfer = holders.offer()

    accepted = holders.accept(transfer, NewHolder("Grace", "Hopper", "+1 555 0100"))

    ticket = holders.ticket
    assert ticket.code != before.code
    assert holders.former() == [(before.code, "transferred")]
    assert (ticket.attendee_first_name, ticket.attendee_last_name) == ("Grace", "Hopper")
    assert (ticket.attendee_email, ticket.attendee_phone) == ("grace@example.com", "+1 555 0100")
    assert ticket.attendee_fields == {}
    assert (ticket.transferred_from, ticket.transferred_to) == ("ada@home.example", "grace@example.com")
    assert ticket.transferred_at == accepted.ended_at
    assert (accepted.status, accepted.from_name) == ("accepted", "Ada")
    assert (ticket.status, ticket.order_id, ticket.seat_id) == ("valid", before.order_id, before.seat_id)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Grace Brewster Hopper", "Grace Brewster", "Hopper"),
        ("Grace", "Grace", ""),
        ("", "", ""),
        ("محمد بن علي", "محمد بن", "علي"),
        ("N" * 120, "N" * 120, ""),
    ],
)
def test_without_a_name_of_their_own_it_is_the_one_of_the_offer(
    holders: Holders, name: str, first: str, last: str
) -> None:
    holders.accept(holders.offer(to_name=name))

    ticket = holders.ticket
    assert (ticket.attendee_first_name, ticket.attendee_last_name) == (first, last)


def test_accepting_twice_is_answered_the_same_and_changes_nothing(holders: Holders) -> None:
    transfer = holders.offer()
    first = holders.accept(transfer)
    before = holders.state()

    again = holders.accept(transfer, NewHolder("Somebody", "Else"))

    assert (again.id, again.status, again.ended_at) == (first.id, "accepted", first.ended_at)
    assert holders.state() == before


def test_events_tell_of_the_transfer_without_any_secret(holders: Holders) -> None:
    old = holders.ticket.code
    transfer = holders.offer(message="Enjoy")
    holders.accept(transfer)
    new = holders.ticket.code

    data = holders.last_event()["data"]
    assert holders.told_of_ticket() == ["ticket.transfer_offered", "ticket.transferred"]
    assert data["order"] == str(holders.sold.id)
    assert (data["number"], data["event"]) == (holders.sold.number, str(holders.event.id))
    assert data["ticket"]["code"] == "•" * (len(new) - 4) + new[-4:]
    assert data["ticket"]["attendee"]["email"] == "grace@example.com"
    shown = data["transfer"]
    assert (shown["status"], shown["message"], shown["to_email"]) == (
        "accepted",
        "Enjoy",
        "grace@example.com",
    )
    text = b"".join(orjson.dumps(event) for event in holders.events() if event["type"] != "ticket.issued")
    assert old.encode() not in text
    assert new.encode() not in text
    assert b"/transfers/" not in text


def test_declining_and_withdrawing_leave_the_ticket_alone(holders: Holders) -> None:
    code = holders.ticket.code
    declined = holders.decline(holders.offer())
    withdrawn = holders.withdraw(holders.offer("grace@other.example"))

    assert (declined.status, withdrawn.status) == ("declined", "withdrawn")
    assert declined.ended_at is not None
    assert (holders.ticket.code, holders.former()) == (code, [])
    assert holders.told_of_ticket() == [
        "ticket.transfer_offered",
        "ticket.transfer_declined",
        "ticket.transfer_offered",
        "ticket.transfer_withdrawn",
    ]


ENDS = {"accepted": Holders.accept, "declined": Holders.decline, "withdrawn": Holders.withdraw}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("again", ENDS)
def test_what_is_over_stays_over_and_twice_changes_nothing(holders: Holders, end: str, again: str) -> None:
    transfer = holders.offer()
    ENDS[end](holders, transfer)
    before = holders.state()

    if again == end:
        assert ENDS[again](holders, transfer).status == end
        assert holders.state() == before
    else:
        error = refused(holders, TransferOver, ENDS[again], holders, transfer)
        assert error.details == {"transfer_status": end}


def test_a_ticket_is_offered_once_at_a_time(holders: Holders) -> None:
    transfer = holders.offer()

    error = refused(holders, TransferOpen, holders.offer, "third@example.com")

    assert error.details == {"transfer": str(transfer.id)}


def test_nobody_is_flooded_with_offers(holders: Holders) -> None:
    for _ in range(MOST_OFFERS_A_DAY):
        holders.withdraw(holders.offer())

    error = refused(holders, TooManyOffers, holders.offer)

    assert error.details == {"most": MOST_OFFERS_A_DAY}
    holders.later = timedelta(days=1, minutes=1)
    assert holders.offer().status == "offered"


def test_the_job_ends_what_is_over(holders: Holders) -> None:
    transfer = holders.offer()
    Transfer.objects.of(holders.id).update(expires_at=utc_now())

    expire_open_transfers(timestamp=0)

    assert holders.transfer(transfer).status == "expired"


def test_the_database_itself_refuses_a_second_open_offer(holders: Holders) -> None:
    first = holders.offer()
    values = Transfer.objects.of(holders.id).values().get(id=first.id)

    with pytest.raises(IntegrityError, match=ONE_OPEN_TRANSFER), transaction.atomic():
        Transfer.unscoped.create(**{**values, "id": new_id(), "to_email": "third@example.com"})


def test_an_offer_to_oneself_is_refused(holders: Holders) -> None:
    refused(holders, InvalidInput, holders.offer, "ADA@example.com")


def test_nothing_is_offered_where_the_organisation_does_not_let_it() -> None:
    holders = Holders(ticket_transfers_enabled=False)

    refused(holders, TransfersDisabled, holders.offer)


def test_an_open_offer_outlives_the_setting(holders: Holders) -> None:
    transfer = holders.offer()
    OrganizationSettings.objects.of(holders.id).update(ticket_transfers_enabled=False)

    assert holders.accept(transfer).status == "accepted"


def test_an_offer_ends_where_the_deadline_is_nearer_than_a_week() -> None:
    holders = Holders(transfer_until_hours=24)
    holders.later = timedelta(days=26)

    transfer = holders.offer()

    assert transfer.expires_at == holders.starts_at - timedelta(hours=24)


def test_after_the_deadline_nothing_is_offered() -> None:
    holders = Holders(transfer_until_hours=48)
    holders.later = timedelta(days=28, minutes=1)

    error = refused(holders, TransferTooLate, holders.offer)

    assert error.details == {"until": format_moment(holders.starts_at - timedelta(hours=48))}


def test_an_event_that_was_moved_forward_takes_its_offers_along(holders: Holders) -> None:
    transfer = holders.offer()
    Event.objects.of(holders.id).filter(id=holders.event.id).update(starts_at=utc_now())

    error = refused(holders, TransferOver, holders.accept, transfer)

    assert error.details == {"transfer_status": "expired"}


def test_a_course_without_a_date_has_no_deadline() -> None:
    holders = Holders(transfer_until_hours=24)
    Event.objects.of(holders.id).filter(id=holders.event.id).update(kind="course", starts_at=None)

    transfer = holders.offer()

    assert transfer.expires_at - transfer.offered_at == timedelta(days=7)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"status": "used"}, "status"),
        ({"status": "refunded"}, "status"),
        ({"status": "reserved"}, "status"),
        ({"status": "expired"}, "status"),
        ({"frozen_at": utc_now()}, "frozen"),
        ({"blocked_at": utc_now()}, "blocked"),
    ],
)
def test_only_a_valid_ticket_goes_anywhere(holders: Holders, columns: dict[str, Any], reason: str) -> None:
    holders.set_ticket(**columns)

    error = refused(holders, TicketNotTransferable, holders.offer)

    assert error.details["reason"] == reason


def test_a_ticket_of_a_cancelled_event_stays(holders: Holders) -> None:
    transfer = holders.offer()
    Event.objects.of(holders.id).filter(id=holders.event.id).update(status="cancelled")

    refused(holders, TicketNotTransferable, holders.accept, transfer)
    holders.withdraw(transfer)
    refused(holders, TicketNotTransferable, holders.offer)


@pytest.mark.parametrize("column", ["frozen_at", "blocked_at"])
def test_a_ticket_kept_back_is_accepted_once_it_is_free_again(holders: Holders, column: str) -> None:
    transfer = holders.offer()
    holders.set_ticket(**{column: utc_now()})

    refused(holders, TicketNotTransferable, holders.accept, transfer)
    holders.set_ticket(**{column: None})

    assert holders.accept(transfer).status == "accepted"


@pytest.mark.parametrize("end", [Holders.refund, Holders.cancel])
def test_a_ticket_that_ended_meanwhile_cannot_be_accepted_and_its_offer_ends(
    holders: Holders, end: Callable[[Holders], None]
) -> None:
    code = holders.ticket.code
    transfer = holders.offer()
    end(holders)

    with pytest.raises(TransferOver) as raised:
        holders.accept(transfer)

    assert raised.value.detail == "The ticket is no longer offered."
    assert holders.transfer(transfer).status == "withdrawn"
    assert (holders.ticket.code, holders.former()) == (code, [])
    assert holders.told_of_ticket()[-1] == "ticket.transfer_withdrawn"


def test_the_sweep_ends_what_is_over_once(holders: Holders) -> None:
    transfer = holders.offer()
    assert holders.expire() == 0
    holders.later = timedelta(days=7, seconds=1)

    assert [holders.expire(), holders.expire()] == [1, 0]

    ended = holders.transfer(transfer)
    assert (ended.status, ended.ended_at is not None) == ("expired", True)
    assert holders.told_of_ticket() == ["ticket.transfer_offered", "ticket.transfer_expired"]


def test_the_sweep_withdraws_offers_of_ended_tickets_everywhere() -> None:
    both = [Holders(), Holders()]
    offers = [holders.offer() for holders in both]
    for holders in both:
        holders.refund()

    assert expire_all_transfers(now=utc_now()) == 2

    for holders, transfer in zip(both, offers, strict=True):
        assert holders.transfer(transfer).status == "withdrawn"
        assert holders.told_of_ticket()[-1] == "ticket.transfer_withdrawn"


def test_an_offer_whose_time_is_over_counts_as_expired_before_the_sweep(holders: Holders) -> None:
    transfer = holders.offer()
    holders.later = timedelta(days=7, seconds=1)

    for act in (holders.accept, holders.decline, holders.withdraw):
        error = refused(holders, TransferOver, act, transfer)
        assert error.details == {"transfer_status": "expired"}

    again = holders.offer("third@example.com")
    assert [holders.transfer(one).status for one in (transfer, again)] == ["expired", "offered"]


def test_a_ticket_goes_on_from_hand_to_hand(holders: Holders) -> None:
    codes = [holders.ticket.code]
    for name in ("grace", "edsger", "barbara"):
        holders.accept(holders.offer(f"{name}@example.com"))
        codes.append(holders.ticket.code)

    assert len(set(codes)) == 4
    assert [code for code, _ in holders.former()] == codes[:-1]
    way = Transfer.objects.of(holders.id).order_by("id").values_list("from_email", "to_email")
    assert list(way) == [
        ("ada@example.com", "grace@example.com"),
        ("grace@example.com", "edsger@example.com"),
        ("edsger@example.com", "barbara@example.com"),
    ]


def test_the_neighbour_in_the_same_order_stays_as_it_is(holders: Holders) -> None:
    neighbour = holders.tickets_of(holders.sold)[1]

    holders.accept(holders.offer())

    assert holders.tickets_of(holders.sold)[1].code == neighbour.code
    assert not FormerCode.objects.of(holders.id).filter(ticket_id=neighbour.id).exists()


def test_a_booking_stays_the_buyers(holders: Holders) -> None:
    holders.set_ticket(booking_key="email:ada@example.com")

    holders.accept(holders.offer())

    assert holders.ticket.booking_key == "email:ada@example.com"


def test_what_is_not_there_or_anothers_is_not_found(holders: Holders) -> None:
    other = Holders()
    transfer = other.offer()

    for act in (holders.accept, holders.decline, holders.withdraw):
        refused(holders, NotFound, act, transfer)
    assert other.transfer(transfer).status == "offered"
