"""Every kind of message, from what really happened to the words that somebody reads, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from kassa.catalog.domain.event_moves import move_event
from kassa.catalog.domain.events import change_event
from kassa.catalog.enums import EventStatus
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.integrations.demo_bank.domain.settle import ERRORS
from kassa.integrations.demo_bank.enums import PaymentStatus
from kassa.notifications.domain.attachments import attached_files, attachments_of
from kassa.notifications.domain.facts import load_facts
from kassa.notifications.domain.remind import remind_of_events, warn_of_ending_holds
from kassa.notifications.domain.resend import resend_message
from kassa.notifications.models import Message
from kassa.orders.domain.expire import expire_orders
from kassa.orders.enums import OrderStatus
from kassa.orders.models import Order
from kassa.payments.domain.attempts.fail import attempts_seen
from kassa.payments.domain.attempts.open import AttemptRequest, open_attempt
from kassa.payments.domain.manual_status import cancel_order, change_status
from kassa.payments.domain.refunds.event_refunds import continue_event_refund, start_event_refund
from kassa.payments.domain.refunds.progress import mark_refunded
from kassa.payments.models import Refund
from kassa.payments.providers.protocol import PaymentSeen, PaymentState
from kassa.sales.domain.request import Customer
from kassa.tickets.domain.documents import calendar_file
from kassa.tickets.domain.links import order_link, ticket_link, transfer_link
from kassa.tickets.domain.revoke_links import revoke_order_links, revoke_ticket_links, revoke_transfer_links
from tests.notifications.office import Office
from tests.support.factories import enable_provider

ADA = Customer(email="ada@example.com", first_name="Ada", last_name="Lovelace")
LATER = timedelta(minutes=26)


def placed(office: Office) -> Order:
    return office.place(customer=ADA)


def fail_payment(office: Office) -> None:
    order = placed(office)
    enable_provider(office.organization, "manual")
    context = office.context(now=office.now)
    request = AttemptRequest(provider="manual", return_url="", cancel_url="")
    attempt = open_attempt(context, order.id, request=request)
    seen = PaymentSeen(PaymentState.FAILED, "", error="The card was declined.")
    attempts_seen(office.id, [(attempt.id, seen)], now=office.now)


def expiring(office: Office) -> None:
    placed(office)
    office.later = LATER
    warn_of_ending_holds(office.id, now=office.now)


def expire(office: Office) -> None:
    placed(office)
    office.later = timedelta(hours=1)
    expire_orders(office.id, now=office.now)


def cancel(office: Office) -> None:
    cancel_order(office.by_staff("The ship does not sail."), office.sold.id)


def refund(office: Office) -> None:
    office.refund()
    one = Refund.objects.of(office.id).get()
    mark_refunded(office.by_staff(), office.sold.id, one.id, reference="cash")


def ship(office: Office) -> None:
    parcel = office.place_parcel(customer=ADA)
    for status in (OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.SHIPPED):
        number = "6A 123" if status == OrderStatus.SHIPPED else None
        change_status(office.by_staff(), parcel.id, to_status=status, tracking_number=number)


def move(office: Office) -> None:
    changes = {"venue_name": "Great Hall", "starts_at": office.starts_at + timedelta(days=1)}
    change_event(CommandContext.system(office.id, now=office.now), office.event.id, changes=changes)


def call_off(office: Office) -> None:
    move_event(CommandContext.system(office.id, now=office.now), office.event.id, to=EventStatus.CANCELLED)


def remind(office: Office) -> None:
    office.later = office.starts_at - timedelta(hours=23) - office.now
    remind_of_events(now=office.now)


def give(office: Office) -> None:
    office.accept(office.offer())


DOES: dict[str, Callable[[Office], Any]] = {
    "order_placed": placed,
    "order_confirmed": lambda office: office.sold,
    "payment_failed": fail_payment,
    "order_expiring": expiring,
    "order_expired": expire,
    "order_cancelled": cancel,
    "order_refunded": refund,
    "order_shipped": ship,
    "ticket_transfer_offered": lambda office: office.offer(),
    "ticket_transferred": give,
    "ticket_given_away": give,
    "ticket_transfer_declined": lambda office: office.decline(office.offer()),
    "ticket_reissued": lambda office: office.reissue(),
    "event_changed": move,
    "event_cancelled": call_off,
    "event_reminder": remind,
}
SUBJECTS = {
    "order_placed": (
        "Your tickets are reserved \u2013 order ORD-",
        "Vos places sont réservées \u2013 commande",
    ),
    "order_confirmed": ("Your tickets for Night of Strings", "Vos billets pour Night of Strings"),
    "payment_failed": ("The payment for order ORD-", "Le paiement de la commande ORD-"),
    "order_expiring": ("Your tickets are reserved until ", "Vos places sont réservées jusqu\u2019à "),
    "order_expired": ("Order ORD-", "La commande ORD-"),
    "order_cancelled": ("Order ORD-", "La commande ORD-"),
    "order_refunded": ("Your refund of €45.00 is on its way", "Remboursement de 45,00 €"),
    "order_shipped": ("Your order ORD-", "Votre commande ORD-"),
    "ticket_transfer_offered": ("ada@example.com has a ticket", "ada@example.com a un billet"),
    "ticket_transferred": ("Your ticket for Night", "Votre billet pour Night"),
    "ticket_given_away": ("Grace Brewster Hopper has accepted", "Grace Brewster Hopper a accepté"),
    "ticket_transfer_declined": ("Grace Brewster Hopper has declined", "Grace Brewster Hopper a refusé"),
    "ticket_reissued": ("Your new ticket for Night", "Votre nouveau billet pour Night"),
    "event_changed": ("Please note a change: Night", "Un changement à noter : Night"),
    "event_cancelled": ("Cancelled: Night of Strings", "Annulé : Night of Strings"),
    "event_reminder": ("See you soon: Night of Strings, ", "À très bientôt : Night of Strings, "),
}


@pytest.mark.parametrize("kind", DOES)
def test_each_kind_is_written(transactional_db: None, kind: str, language: str) -> None:
    office = Office(default_language=language)
    if kind != "order_confirmed":
        office.forget()

    DOES[kind](office)
    office.work()

    message = office.message(kind)
    assert (message.status, message.language, message.error, message.remark) == ("kept", language, "", "")
    assert message.subject.startswith(SUBJECTS[kind][("en", "fr").index(language)])
    assert "{{" not in message.text + message.html
    assert "\ue000" not in message.text + message.html
    assert office.organization.name in message.html


@pytest.mark.parametrize("kind", DOES)
def test_each_kind_is_written_once(transactional_db: None, kind: str) -> None:
    office = Office()
    office.forget()
    DOES[kind](office) if kind != "order_confirmed" else office.work()
    office.work()
    before = office.outcomes()

    office.work()
    remind_of_events(now=office.now)
    warn_of_ending_holds(office.id, now=office.now)
    office.work()

    assert office.outcomes() == before


def test_a_buyer_gets_the_order_and_its_tickets(office: Office) -> None:
    office.work()

    message = office.message("order_confirmed")

    assert order_link(office.id, office.sold.id, 0) in message.text
    assert "2 \u00d7 Standing" in message.text
    assert "€90.00" in message.html


def test_what_is_confirmed_at_once_is_only_confirmed(office: Office) -> None:
    office.forget()
    office.standing.price = 0
    office.standing.save()

    office.place()
    office.work()

    assert [one.kind for one in office.messages()] == ["order_confirmed"]


def test_a_new_holder_is_shown_the_ticket_and_never_the_order(office: Office) -> None:
    office.forget()

    transfer = office.offer()
    office.work()
    offered = office.message("ticket_transfer_offered")
    office.accept(transfer)
    office.work()

    given, gone = office.message("ticket_transferred"), office.message("ticket_given_away")
    order = order_link(office.id, office.sold.id, 0)
    ticket = ticket_link(office.id, office.ticket_id, 0, office.ticket.code)
    assert (offered.recipient, given.recipient, gone.recipient) == (
        "grace@example.com", "grace@example.com", "ada@example.com"
    )  # fmt: skip
    assert transfer_link(office.id, transfer.id, 0) in offered.text
    assert ticket in given.text
    assert order not in offered.text + given.text
    assert ticket not in gone.text + offered.text


def test_message_that_is_sent_again_has_the_link_that_works_now(office: Office) -> None:
    transfer = office.offer()
    office.work()
    dead = {order_link(office.id, office.sold.id, 0), transfer_link(office.id, transfer.id, 0)}
    sent = [one for one in office.messages() if any(link in one.text for link in dead)]
    assert {one.kind for one in sent} >= {"order_confirmed", "ticket_transfer_offered"}
    revoke_order_links(office.by_staff(), office.sold.id)
    revoke_transfer_links(office.by_staff(), transfer.id)

    again = [resend_message(CommandContext.system(office.id, now=office.now), one.id).id for one in sent]
    office.work()

    texts = "".join(one.text for one in office.messages() if one.id in again)
    assert not any(link in texts for link in dead)
    assert order_link(office.id, office.sold.id, 1) in texts
    assert transfer_link(office.id, transfer.id, 1) in texts


def test_new_holder_is_sent_the_link_of_their_ticket_that_works_now(office: Office) -> None:
    office.accept(office.offer())
    office.work()
    sent, code = office.message("ticket_transferred"), office.ticket.code
    assert ticket_link(office.id, office.ticket_id, 0, code) in sent.text

    revoke_ticket_links(office.by_staff(), office.ticket_id)
    again = resend_message(CommandContext.system(office.id, now=office.now), sent.id)
    office.work()

    text = next(one.text for one in office.messages() if one.id == again.id)
    assert ticket_link(office.id, office.ticket_id, 1, code) in text
    assert ticket_link(office.id, office.ticket_id, 0, code) not in text


def test_what_was_given_on_is_shown_to_nobody_before(office: Office) -> None:
    """The second holder's message waits until the ticket is a third person's: it must not open theirs."""
    office.forget()
    office.accept(office.offer())
    office.accept(office.offer("mary@example.com", to_name="Mary Jackson"))

    office.work()

    said = {(one.kind, one.recipient): one.status for one in office.messages()}
    assert said[("ticket_transferred", "grace@example.com")] == "skipped"
    assert said[("ticket_transferred", "mary@example.com")] == "kept"
    link = ticket_link(office.id, office.ticket_id, 0, office.ticket.code)
    assert [one.recipient for one in office.messages() if link in one.text] == ["mary@example.com"]


def test_a_buyer_is_not_shown_what_they_gave_away(office: Office) -> None:
    office.accept(office.offer())
    office.forget()

    move(office)
    office.work()

    to = {one.recipient: one.text for one in office.messages("event_changed")}
    link = ticket_link(office.id, office.ticket_id, 0, office.ticket.code)
    assert to.keys() == {"ada@example.com", "grace@example.com"}
    assert link in to["grace@example.com"]
    assert link not in to["ada@example.com"]


def test_the_old_offer_is_not_mailed_after_it_is_withdrawn(office: Office) -> None:
    office.forget()
    office.withdraw(office.offer())

    office.work()

    assert office.outcomes() == [("ticket_transfer_offered", "grace@example.com", "skipped")]


def test_what_changed_is_told_with_what_was(office: Office) -> None:
    office.forget()

    move(office)
    office.work()

    text = office.message("event_changed").text
    assert "Venue: Great Hall" in text
    assert "(before: " in text


def test_a_change_that_guests_need_not_know_is_not_told(office: Office) -> None:
    office.forget()

    changes = {"description": "With a foreword.", "tags": ["strings"]}
    change_event(CommandContext.system(office.id, now=office.now), office.event.id, changes=changes)
    office.work()

    assert office.messages() == []


def test_switched_off_nothing_is_written(transactional_db: None) -> None:
    office = Office(email_notifications=False)

    move(office)
    office.work()

    assert office.messages() == []


def test_the_reader_s_own_language_counts(office: Office) -> None:
    office.forget()

    office.place(customer=Customer(email="anne@example.com", language="fr"))
    office.work()

    assert office.message("order_placed").language == "fr"


def test_a_late_warning_is_not_sent(office: Office) -> None:
    office.forget()
    order = placed(office)
    office.later = LATER
    warn_of_ending_holds(office.id, now=office.now)
    change_status(office.by_staff(), order.id, to_status=OrderStatus.CONFIRMED)

    office.work()

    assert office.message("order_expiring").status == "skipped"
    assert office.message("order_placed").status == "skipped"
    assert office.message("order_confirmed").status == "kept"


@pytest.mark.parametrize(("hold_minutes", "warned"), [(9, 0), (10, 1)])
def test_short_holds_are_not_warned_of(transactional_db: None, hold_minutes: int, warned: int) -> None:
    office = Office(hold_minutes=hold_minutes)
    placed(office)
    office.later = timedelta(minutes=hold_minutes - 4)

    assert warn_of_ending_holds(office.id, now=office.now) == warned
    assert warn_of_ending_holds(office.id, now=office.now) == 0


def calendar_of(message: Message) -> Any:
    """Return the entries that go with a message, as a calendar program reads them; none: there is no file."""
    facts = load_facts(message.organization_id, [message])
    files = [one for one in attached_files(message, facts, now=utc_now()) if one[0].endswith(".ics")]
    assert [(one.name, one.content_type) for one in attachments_of(message, facts) if "ics" in one.name] == [
        (name, kind) for name, _, kind in files
    ]
    if not files:
        return None
    calendar = Calendar.from_ical(files[0][1])
    assert (calendar["method"], files[0][2]) == ("PUBLISH", "text/calendar; method=PUBLISH")
    return calendar.walk("VEVENT")


def entry_before(office: Office) -> Any:
    [entry] = Calendar.from_ical(
        calendar_file(office.id, order_id=office.sold.id, now=office.now)
    ).walk("VEVENT")  # fmt: skip
    return entry


def test_a_moved_event_moves_in_the_calendar_too(office: Office) -> None:
    before = entry_before(office)
    office.forget()
    office.later = timedelta(seconds=2)
    move(office)
    office.work()

    [entry] = calendar_of(office.message("event_changed"))

    assert entry["uid"] == before["uid"]
    assert entry["sequence"] > before["sequence"]
    assert entry.decoded("dtstart") == before.decoded("dtstart") + timedelta(days=1)
    assert (entry["location"][:10], entry["status"]) == ("Great Hall", "CONFIRMED")
    assert entry["description"] == before["description"]


def test_an_event_that_is_called_off_is_struck_out_of_the_calendar(office: Office) -> None:
    before = entry_before(office)
    office.forget()
    office.later = timedelta(seconds=2)
    call_off(office)
    office.work()

    [entry] = calendar_of(office.message("event_cancelled"))

    assert (entry["uid"], entry["status"]) == (before["uid"], "CANCELLED")
    assert entry["sequence"] > before["sequence"]


def test_an_order_that_is_cancelled_is_struck_out_of_the_calendar(office: Office) -> None:
    before = entry_before(office)
    office.forget()
    office.later = timedelta(seconds=2)
    cancel(office)
    office.work()

    [entry] = calendar_of(office.message("order_cancelled"))

    assert (entry["uid"], entry["status"]) == (before["uid"], "CANCELLED")
    assert entry["sequence"] > before["sequence"]


def test_a_ticket_that_was_given_back_is_no_more_in_the_entry(office: Office) -> None:
    before = entry_before(office)
    office.forget()
    office.later = timedelta(seconds=2)
    refund(office)
    office.work()

    [entry] = calendar_of(office.message("order_refunded"))

    assert (entry["uid"], entry["status"]) == (before["uid"], "CONFIRMED")
    assert (before["description"].count("Ticket:"), entry["description"].count("Ticket:")) == (2, 1)
    assert entry["sequence"] > before["sequence"]


def test_a_ticket_that_was_given_away_leaves_the_entry_of_its_buyer(office: Office) -> None:
    before = entry_before(office)
    office.forget()
    office.later = timedelta(seconds=2)
    office.accept(office.offer())
    office.work()

    [entry] = calendar_of(office.message("ticket_given_away"))

    assert entry["uid"] == before["uid"]
    assert entry["description"].count("Ticket:") == 1


def test_who_was_given_a_ticket_has_the_entry_of_that_ticket_moved(office: Office) -> None:
    office.accept(office.offer())
    office.forget()
    move(office)
    office.work()

    by_reader = {one.recipient: calendar_of(one) for one in office.messages("event_changed")}

    assert [str(entry["uid"]) for entry in by_reader["grace@example.com"]] == [
        f"{office.event.id}-{office.ticket_id}@kassa"
    ]
    assert [str(entry["uid"]) for entry in by_reader["ada@example.com"]] == [
        f"{office.event.id}-{office.sold.id}@kassa"
    ]


def test_what_was_never_in_a_calendar_is_not_struck_out_of_it(office: Office) -> None:
    office.forget()
    order = placed(office)
    cancel_order(office.by_staff("Changed my mind."), order.id)
    office.work()

    assert calendar_of(office.message("order_cancelled")) is None


def declined_at(office: Office, error: str) -> str:
    """Return the text of the message about a payment that failed for this reason."""
    office.forget()
    order = placed(office)
    enable_provider(office.organization, "demo")
    request = AttemptRequest(provider="demo", return_url="https://a.example", cancel_url="https://a.example")
    attempt = open_attempt(office.context(now=office.now), order.id, request=request)
    seen = PaymentSeen(PaymentState.FAILED, "", error=error)
    attempts_seen(office.id, [(attempt.id, seen)], now=office.now)
    office.work()
    return office.message("payment_failed").text


def test_reason_of_the_demo_bank_is_read_in_the_language_of_the_message(transactional_db: None) -> None:
    text = declined_at(Office(default_language="fr"), ERRORS[PaymentStatus.FAILED])

    assert "n’a pas abouti. La banque a refusé le paiement." in " ".join(text.split())
    assert "declined" not in text


def test_reason_of_a_foreign_provider_is_read_as_it_is(transactional_db: None) -> None:
    text = declined_at(Office(default_language="fr"), "Your card was declined.")

    assert "n’a pas abouti. Your card was declined." in " ".join(text.split())


def test_own_reason_of_a_refund_is_read_in_french(transactional_db: None) -> None:
    office = Office(default_language="fr")
    office.forget()

    call_off(office)
    run = start_event_refund(office.by_staff(), office.event.id, reason="")
    while continue_event_refund(office.id, run.id, now=office.now):
        pass
    one = Refund.objects.of(office.id).get()
    mark_refunded(office.by_staff(), office.sold.id, one.id, reference="cash")
    office.work()

    text = office.message("order_refunded").text
    assert "L’événement est annulé." in text
    assert "The event is cancelled." not in text
