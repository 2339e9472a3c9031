"""Several who want something of the same ticket at once: exactly one of them finds it as it was."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from kassa.core.errors import Conflict
from kassa.orders.domain.codes import spaced
from kassa.orders.models import Ticket
from kassa.payments.domain.refunds.plan import RefundSelection
from kassa.payments.domain.refunds.refund import RefundCommand, refund_order
from kassa.tickets.domain.keys import signing_key
from kassa.tickets.domain.reissue import reissue_ticket
from kassa.tickets.locks import lock_tickets
from kassa.tickets.models import FormerCode, Transfer
from tests.concurrency.processes import Processes
from tests.concurrency.tellers import DONE, at_once
from tests.concurrency.unguarded_tickets import accept_what_was_given_back
from tests.storefront.pages import BROWSER, order_path, text_of, ticket_path
from tests.support.conditions import wait_until
from tests.tickets.holders import Holders
from tests.tickets.printing import texts_of

pytestmark = pytest.mark.django_db(transaction=True)
rounds = pytest.mark.parametrize("turn", range(4))


@pytest.fixture
def holders(transactional_db: None) -> Holders:
    return Holders()


class NotValid(Conflict):
    code = "not_valid"


def check_in(holders: Holders) -> None:
    """Let somebody in with the ticket, as the door does: locked first, then looked at."""
    with transaction.atomic():
        [ticket] = lock_tickets(holders.id, [holders.ticket_id])
        if ticket.status != "valid":
            raise NotValid("It is not valid.")
        Ticket.objects.of(holders.id).filter(id=ticket.id).update(status="used", checked_in_at=holders.now)


def codes_of(holders: Holders) -> int:
    return FormerCode.objects.of(holders.id).filter(ticket_id=holders.ticket_id).count()


def told(holders: Holders, name: str) -> int:
    return holders.told_of_ticket().count(name)


@rounds
def test_a_ticket_is_accepted_once_however_often_it_is_sent(holders: Holders, turn: int) -> None:
    act = partial(holders.accept, holders.offer())

    assert at_once(act, act, act, act) == [DONE] * 4

    assert codes_of(holders) == 1
    assert told(holders, "ticket.transferred") == 1


@rounds
def test_a_ticket_is_offered_once(holders: Holders, turn: int) -> None:
    acts = [partial(holders.offer, f"{name}@example.com") for name in ("grace", "edsger", "barbara")]

    assert sorted(at_once(*acts)) == [DONE, "transfer_open", "transfer_open"]

    assert Transfer.objects.of(holders.id).count() == 1


@rounds
@pytest.mark.parametrize(("rival", "becomes"), [("withdraw", "withdrawn"), ("decline", "declined")])
def test_accepting_against_ending_the_offer(holders: Holders, rival: str, becomes: str, turn: int) -> None:
    offer, code = holders.offer(), holders.ticket.code

    answers = at_once(partial(holders.accept, offer), partial(getattr(holders, rival), offer))

    assert sorted(answers) == [DONE, "transfer_over"]
    is_accepted = answers[0] == DONE
    assert holders.transfer(offer).status == ("accepted" if is_accepted else becomes)
    assert (holders.ticket.code != code, codes_of(holders)) == (is_accepted, int(is_accepted))


@rounds
def test_accepting_against_a_refund(holders: Holders, turn: int) -> None:
    offer = holders.offer()

    answers = at_once(partial(holders.accept, offer), holders.refund)

    assert answers[1] == DONE
    assert holders.ticket.status == "refunded"
    if answers[0] == DONE:  # it was theirs for a moment; the money goes to the buyer
        assert (holders.transfer(offer).status, codes_of(holders)) == ("accepted", 1)
    else:
        assert answers[0] == "transfer_over"
        assert (holders.transfer(offer).status, codes_of(holders)) == ("withdrawn", 0)


@rounds
def test_accepting_against_the_door(holders: Holders, turn: int) -> None:
    offer, code = holders.offer(), holders.ticket.code

    answers = at_once(partial(holders.accept, offer), partial(check_in, holders))

    # The door looks at the ticket by its id here: after the transfer it lets the new person in.
    assert answers[1] == DONE
    assert holders.ticket.status == "used"
    is_accepted = answers[0] == DONE
    assert is_accepted or answers[0] == "transfer_over"
    assert (holders.ticket.code != code, codes_of(holders)) == (is_accepted, int(is_accepted))
    assert holders.transfer(offer).status == ("accepted" if is_accepted else "withdrawn")


@rounds
def test_accepting_against_replacing(holders: Holders, turn: int) -> None:
    offer = holders.offer()

    answers = at_once(partial(holders.accept, offer), holders.reissue)

    assert answers[1] == DONE
    is_accepted = answers[0] == DONE
    assert is_accepted or answers[0] == "transfer_over"
    assert codes_of(holders) == (2 if is_accepted else 1)
    assert holders.ticket.code not in [code for code, _ in holders.former()]


@rounds
def test_its_holder_replaces_a_ticket_once(holders: Holders, turn: int) -> None:
    act = partial(holders.reissue, holders.ticket.code)

    assert sorted(at_once(act, act, act)) == [DONE, "not_found", "not_found"]

    assert codes_of(holders) == 1


@rounds
@pytest.mark.parametrize("end", [Holders.accept, Holders.withdraw])
def test_the_sweep_against_somebody_who_ends_an_offer(
    holders: Holders, end: Callable[[Holders, Transfer], Any], turn: int
) -> None:
    offer = holders.offer()
    holders.refund()

    answers = at_once(partial(end, holders, offer), holders.expire, holders.expire)

    assert answers[1:] == [DONE, DONE]
    assert answers[0] in (DONE, "transfer_over")
    assert holders.transfer(offer).status == "withdrawn"
    assert told(holders, "ticket.transfer_withdrawn") == 1


@pytest.mark.parametrize(
    "form",
    [
        {"action": "offer", "offer-to_email": "mallory@example.com"},
        {"action": "change", "attendee-first_name": "Mallory"},
        {"action": "withdraw"},
        {"action": "replace"},
    ],
    ids=lambda form: form["action"],
)
def test_who_gave_it_away_has_it_no_more_even_in_what_they_sent_before(
    holders: Holders, form: dict[str, str]
) -> None:
    offer, link = holders.offer(), ticket_path(holders)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            holders.accept(offer)
            sent = pool.submit(in_a_thread, partial(BROWSER.post, link, form))
            wait_until(somebody_waits_for_a_lock)
        answer = sent.result()

    ticket = holders.ticket
    assert answer.status_code == 410
    assert "This ticket has been transferred" in text_of(answer)
    assert spaced(ticket.code) not in text_of(answer)
    assert (ticket.attendee_first_name, ticket.attendee_email) == ("Grace Brewster", "grace@example.com")
    assert list(Transfer.objects.of(holders.id)) == [offer]
    assert codes_of(holders) == 1


def in_a_thread(act: Callable[[], Any]) -> Any:
    """Do something with a connection of its own."""
    try:
        return act()
    finally:
        connection.close()


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        [waiting] = cursor.fetchone()
    return bool(waiting)


@pytest.mark.parametrize("page", ["ticket", "ticket.pdf", "tickets.pdf"])
@pytest.mark.parametrize("after", range(1, 16, 2))
def test_who_gives_it_away_never_sees_the_new_code(holders: Holders, page: str, after: int) -> None:
    offer, before = holders.offer(), holders.ticket
    paths = {
        "ticket": ticket_path(holders),
        "ticket.pdf": f"{ticket_path(holders)}/ticket.pdf",
        "tickets.pdf": f"{order_path(holders)}/tickets.pdf",
    }
    signing_key(holders.id, holders.now)
    done: list[int] = []

    def accept_meanwhile(execute: Callable[..., Any], *query: Any) -> Any:
        answer = execute(*query)
        done.append(1)
        if len(done) == after:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(in_a_thread, partial(holders.accept, offer)).result()
        return answer

    with connection.execute_wrapper(accept_meanwhile):
        answer = BROWSER.get(paths[page])

    assert len(done) < after or holders.ticket.code != before.code
    assert spaced(holders.ticket.code if len(done) >= after else "never") not in shown_on(answer)


def shown_on(answer: Any) -> str:
    """Return what is to be read on a page or in a file."""
    if answer["Content-Type"] == "application/pdf":
        return " ".join(texts_of(answer.content))
    return text_of(answer)


def cancel(holders: Holders, tickets: list[UUID]) -> None:
    holders.cancel()


def refund(holders: Holders, tickets: list[UUID]) -> None:
    command = RefundCommand(RefundSelection(tickets=tuple(tickets)), "Asked for.")
    refund_order(holders.by_staff(), holders.sold.id, command=command)


@pytest.mark.parametrize("end", [cancel, refund])
def test_what_ends_several_tickets_takes_them_in_the_order_of_their_ids(
    holders: Holders, end: Callable[[Holders, list[UUID]], None]
) -> None:
    first, second = sorted(ticket.id for ticket in holders.tickets_of(holders.sold))
    # Another code moves the first one behind the second in the table, which then is read from its beginning.
    reissue_ticket(holders.by_staff(), first)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_ticket")

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_tickets(holders.id, [first])
            ended = pool.submit(in_a_thread, partial(end, holders, [first, second]))
            wait_until(somebody_waits_for_a_lock)
            lock_tickets(holders.id, [second])
        ended.result()

    statuses = {str(ticket.status) for ticket in holders.tickets_of(holders.sold)}
    assert statuses <= {"cancelled", "refunded"}


def test_database_alone_refuses_what_was_given_back_where_no_lock_does(
    spoiler: Processes, scratch: str
) -> None:
    [(answers, status, former)] = spoiler.call(accept_what_was_given_back, [(scratch, True)])

    assert answers == ["ticket_over", DONE]
    assert (status, former) == ("refunded", 0)


def test_control_without_guards_gives_away_what_was_given_back(spoiler: Processes, scratch: str) -> None:
    [(answers, status, former)] = spoiler.call(accept_what_was_given_back, [(scratch, False)])

    assert answers == [DONE, DONE]
    assert (status, former) == ("refunded", 1)
