"""The page of a ticket, for who holds it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from kassa.catalog.domain.questions import create_question
from kassa.catalog.models import Event, TicketType
from kassa.core.clock import utc_now
from kassa.core.command_context import CommandContext
from kassa.orders.domain.codes import spaced
from kassa.tickets.domain.transfer import MOST_OFFERS_A_DAY
from kassa.tickets.models import Transfer
from tests.storefront.pages import (
    BROWSER,
    actions_of,
    links_of,
    order_path,
    text_of,
    ticket_path,
    transfer_path,
)
from tests.tickets.holders import Holders

pytestmark = pytest.mark.django_db

OFFER = {"action": "offer", "offer-to_email": "grace@example.com", "offer-to_name": "Grace Hopper"}
NAMES = {"action": "change", "attendee-first_name": "Grace", "attendee-last_name": "Hopper"}


@pytest.fixture
def holders() -> Holders:
    return Holders()


def press(holders: Holders, form: dict[str, str]) -> Any:
    return BROWSER.post(ticket_path(holders), form)


def test_it_shows_what_the_door_reads(holders: Holders) -> None:
    answer = BROWSER.get(ticket_path(holders))

    text = text_of(answer)
    assert answer.status_code == 200
    for shown in (spaced(holders.ticket.code), "Valid ticket", "Night of Strings", holders.sold.number):
        assert shown in text
    assert answer.content.count(b'<svg viewBox="0 0 ') == 1
    assert actions_of(answer) == {"change", "offer", "replace"}
    assert answer["Referrer-Policy"] == "same-origin"
    assert not answer.cookies


@pytest.mark.parametrize(
    ("columns", "shown", "has_code"),
    [
        ({"status": "used", "checked_in_at": utc_now()}, "Checked in", True),
        ({"status": "refunded"}, "Refunded", False),
        ({"status": "cancelled"}, "Cancelled", False),
        ({"status": "expired"}, "Expired", False),
        ({"status": "reserved"}, "Not paid yet", False),
        ({"blocked_at": utc_now()}, "The organiser has blocked this ticket", False),
        ({"frozen_at": utc_now()}, "The payment for this ticket is disputed", False),
    ],
)
def test_it_tells_how_the_ticket_stands(
    holders: Holders, columns: dict[str, Any], shown: str, has_code: bool
) -> None:
    holders.set_ticket(**columns)

    answer = BROWSER.get(ticket_path(holders))

    assert shown in text_of(answer)
    assert (spaced(holders.ticket.code) in text_of(answer)) == has_code
    assert (b"<svg viewBox" in answer.content) == has_code
    assert actions_of(answer) == set()


def test_what_was_used_before_its_order_was_cancelled_opens_no_door(holders: Holders) -> None:
    holders.set_ticket(status="used", checked_in_at=utc_now())
    holders.cancel()
    assert holders.ticket.status == "used"

    answer = BROWSER.get(ticket_path(holders))

    assert "This ticket is not valid." in text_of(answer)
    assert spaced(holders.ticket.code) not in text_of(answer)
    assert actions_of(answer) == set()
    files = (f"{ticket_path(holders)}/ticket.pdf", f"{order_path(holders)}/tickets.pdf")
    assert [BROWSER.get(file).status_code for file in files] == [404, 404]


def test_a_cancelled_event_says_so(holders: Holders) -> None:
    Event.objects.of(holders.id).update(status="cancelled")

    answer = BROWSER.get(ticket_path(holders))

    assert "This event has been cancelled." in text_of(answer)
    assert "offer" not in actions_of(answer)


def test_the_settings_say_what_its_holder_may_do() -> None:
    shut = Holders(ticket_transfers_enabled=False, attendee_changes_enabled=False)
    late = Holders(transfer_until_hours=24 * 40, attendee_changes_until_hours=24 * 40)

    assert [actions_of(BROWSER.get(ticket_path(one))) for one in (shut, late)] == [{"replace"}] * 2


def test_another_name_is_written_on_it(holders: Holders) -> None:
    answer = press(holders, NAMES)

    assert (answer.status_code, answer["Location"]) == (303, f"{ticket_path(holders)}?done=changed")
    text = text_of(BROWSER.get(answer["Location"]))
    assert "Saved." in text
    assert "Grace Hopper" in text


def test_a_form_that_is_refused_keeps_what_was_typed(holders: Holders) -> None:
    before = holders.state()

    answer = press(holders, {**NAMES, "attendee-email": "<nonsense>"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Grace"' in page
    assert 'value="&lt;nonsense&gt;"' in page
    assert 'id="attendee-email_error"' in page
    assert re.search(r'<input[^>]*aria-describedby="attendee-email_error"[^>]*id="attendee-email"', page)
    assert re.search(r'<input[^>]*aria-invalid="true"[^>]*id="attendee-email"', page)
    assert holders.state() == before


def test_a_refusal_of_another_kind_keeps_what_was_typed_too(holders: Holders) -> None:
    for _ in range(MOST_OFFERS_A_DAY):
        holders.withdraw(holders.offer())

    answer = press(holders, OFFER)

    assert answer.status_code == 409
    assert "too many attempts" in text_of(answer)
    assert 'value="Grace Hopper"' in answer.content.decode()
    assert '<details class="card" open>' in answer.content.decode()


def test_hints_belong_to_their_fields(holders: Holders) -> None:
    fields = {"key": "size", "label": "Size", "help_text": "Of a shirt."}
    create_question(CommandContext.system(holders.id, now=utc_now()), holders.event.id, fields=fields)

    page = BROWSER.get(ticket_path(holders)).content.decode()

    described = re.findall(r'aria-describedby="([^"]+)"', page)
    assert described == ["attendee-answer-size_helptext"]
    assert f'<p class="hint" id="{described[0]}">Of a shirt.</p>' in page


def test_answers_are_asked_for_and_kept(holders: Holders) -> None:
    for key, more in (("size", {"kind": "choice", "options": ["S", "M"], "is_required": True}), ("diet", {})):
        create_question(
            CommandContext.system(holders.id, now=utc_now()),
            holders.event.id,
            fields={"key": key, "label": key.title(), **more},
            ticket_type_ids=[],
        )

    refused = press(holders, {**NAMES, "attendee-answer-diet": "vegan"})
    strange = press(holders, {**NAMES, "attendee-answer-size": "XXL"})
    kept = press(holders, {**NAMES, "attendee-answer-size": "M", "attendee-answer-diet": "vegan"})

    assert [one.status_code for one in (refused, strange, kept)] == [422, 422, 303]
    assert b"vegan" in refused.content
    assert holders.ticket.attendee_fields == {"size": "M", "diet": "vegan"}


def test_a_question_that_may_not_change_is_not_asked(holders: Holders) -> None:
    create_question(
        CommandContext.system(holders.id, now=utc_now()),
        holders.event.id,
        fields={"key": "size", "label": "Size", "is_changeable": False},
        ticket_type_ids=[],
    )

    assert "answer-size" not in BROWSER.get(ticket_path(holders)).content.decode()


def test_it_is_offered_and_the_offer_withdrawn(holders: Holders) -> None:
    offered = press(holders, OFFER)
    page = BROWSER.get(offered["Location"])

    assert offered.status_code == 303
    assert "You have offered this ticket to grace@example.com until" in text_of(page)
    assert actions_of(page) == {"change", "withdraw", "replace"}
    [offer] = Transfer.objects.of(holders.id)
    assert (offer.status, offer.offered_by, offer.to_name) == ("offered", None, "Grace Hopper")
    assert transfer_path(offer) not in page.content.decode()

    withdrawn = press(holders, {"action": "withdraw"})
    again = press(holders, {"action": "withdraw"})

    assert [one.status_code for one in (withdrawn, again)] == [303, 303]
    assert holders.transfer(offer).status == "withdrawn"


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ({"offer-to_email": ""}, "This field is required."),
        ({"offer-to_email": "grace"}, "This is not a complete e-mail address."),
        ({"offer-to_email": "ADA@example.com"}, "This person already has the ticket."),
        ({"offer-to_email": "a" * 250 + "@b.example"}, "Ensure this value has at most 254"),
        ({"offer-message": "x" * 501}, "Ensure this value has at most 500"),
        ({"offer-to_name": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_an_offer_to_nobody_is_refused(holders: Holders, form: dict[str, str], shown: str) -> None:
    before = holders.state()

    answer = press(holders, {**OFFER, **form})

    assert answer.status_code == 422
    assert shown in text_of(answer)
    assert holders.state() == before


def test_it_is_replaced_and_leads_to_the_new_one(holders: Holders) -> None:
    old = ticket_path(holders)

    answer = press(holders, {"action": "replace"})

    assert (answer.status_code, answer["Location"]) == (303, f"{ticket_path(holders)}?done=replaced")
    assert "This is your new ticket." in text_of(BROWSER.get(answer["Location"]))
    for dead in (BROWSER.get(old), BROWSER.post(old, {"action": "replace"})):
        assert dead.status_code == 410
        assert "This ticket has been replaced" in text_of(dead)
        assert holders.ticket.code not in dead.content.decode()


def test_the_old_link_dies_when_it_goes_to_another_person(holders: Holders) -> None:
    old = ticket_path(holders)
    holders.accept(holders.offer())
    before = holders.state()

    answer = BROWSER.get(old)
    tried = [BROWSER.post(old, {"action": action}) for action in ("change", "offer", "replace", "withdraw")]

    assert "This ticket has been transferred" in text_of(answer)
    assert [one.status_code for one in (answer, *tried)] == [410] * 5
    assert "grace" not in answer.content.decode().lower()
    for file in ("ticket.pdf", "calendar.ics", "pass.pkpass", "google-wallet"):
        assert BROWSER.get(f"{old}/{file}").status_code == 404
    assert holders.state() == before


@pytest.mark.parametrize("form", [{}, {"action": "steal"}, {"action": "accept"}])
def test_what_is_not_on_the_page_does_nothing(holders: Holders, form: dict[str, str]) -> None:
    before = holders.state()

    answer = press(holders, form)

    assert answer.status_code == 400
    assert "nothing was changed" in text_of(answer)
    assert holders.state() == before


@pytest.mark.parametrize("form", [NAMES, OFFER, {"action": "replace"}])
def test_what_may_not_be_done_any_more_is_said_so(holders: Holders, form: dict[str, str]) -> None:
    path = ticket_path(holders)
    holders.set_ticket(blocked_at=utc_now())
    before = holders.state()

    answer = BROWSER.post(path, form)

    assert answer.status_code == 409
    assert "Blocked" in text_of(answer)
    assert 'role="alert"' in answer.content.decode()
    assert holders.state() == before


def test_it_speaks_the_readers_language(holders: Holders) -> None:
    path = ticket_path(holders)

    by_browser = BROWSER.get(path, HTTP_ACCEPT_LANGUAGE="de-DE,fr-CA;q=0.8,en;q=0.5")
    asked = BROWSER.get(f"{path}?lang=fr", HTTP_ACCEPT_LANGUAGE="en")
    type(holders.sold).objects.of(holders.id).update(customer_language="fr")
    by_order = BROWSER.get(path, HTTP_ACCEPT_LANGUAGE="en")
    against_it = BROWSER.get(f"{path}?lang=en")
    strange = BROWSER.get(f"{path}?lang=xx")

    spoken = [re.search(r'<html lang="(\w+)"', one.content.decode()) for one in (
        by_browser, asked, by_order, against_it, strange
    )]  # fmt: skip
    assert [one[1] for one in spoken if one] == ["fr", "fr", "fr", "en", "fr"]
    assert "Billet valable" in text_of(asked)
    assert f"{path}/ticket.pdf?lang=fr" in links_of(asked)
    answer = BROWSER.post(f"{path}?lang=fr", NAMES)
    assert answer["Location"] == f"{path}?done=changed&lang=fr"


def test_its_files_are_to_be_taken_along(holders: Holders) -> None:
    path = ticket_path(holders)

    pdf, dates = BROWSER.get(f"{path}/ticket.pdf"), BROWSER.get(f"{path}/calendar.ics")

    assert (pdf.status_code, pdf["Content-Type"], pdf.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert holders.sold.number in pdf["Content-Disposition"]
    assert holders.ticket.code not in pdf["Content-Disposition"]
    assert (dates.status_code, dates.content[:15]) == (200, b"BEGIN:VCALENDAR")
    assert {one["Referrer-Policy"] for one in (pdf, dates)} == {"same-origin"}
    for wallet in ("pass.pkpass", "google-wallet"):
        assert BROWSER.get(f"{path}/{wallet}").status_code == 404  # nobody has set them up
    holders.set_ticket(blocked_at=utc_now())
    assert BROWSER.get(f"{path}/ticket.pdf").status_code == 404


def test_the_order_prints_what_was_not_given_away(holders: Holders) -> None:
    holders.accept(holders.offer())

    assert BROWSER.get(f"{order_path(holders)}/tickets.pdf").status_code == 200
    assert BROWSER.get(f"{order_path(holders)}/calendar.ics").status_code == 200


def test_a_course_without_a_date_has_a_page(holders: Holders) -> None:
    Event.objects.of(holders.id).update(kind="course", starts_at=None)

    answer = BROWSER.get(ticket_path(holders))

    assert answer.status_code == 200
    assert "When" not in text_of(answer)


def test_times_are_told_on_the_clock_of_the_place(holders: Holders) -> None:
    starts_at = utc_now().replace(year=2027, month=7, day=4, hour=18, minute=30)
    Event.objects.of(holders.id).update(
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), time_zone="Europe/Paris"
    )

    text = text_of(BROWSER.get(ticket_path(holders)))

    assert "Sunday 4 July 2027, 20:30 CEST until 22:30" in text
    assert "dimanche 4 juillet 2027, 20:30 CEST" in text_of(BROWSER.get(f"{ticket_path(holders)}?lang=fr"))


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("multipart/form-data", "no boundary"),
        ("multipart/form-data; boundary=" + "x" * 500, "--x"),
        ("application/x-www-form-urlencoded; charset=utf-16", "action=change"),
        ("application/x-www-form-urlencoded", "a=1&" * 6000),
    ],
    ids=["no boundary", "long boundary", "another charset", "too many fields"],
)
def test_what_is_no_form_is_refused_on_a_page(holders: Holders, media_type: str, body: str) -> None:
    before = holders.state()

    answer = BROWSER.generic("POST", ticket_path(holders), body.encode(), content_type=media_type)

    assert (answer.status_code, answer["Referrer-Policy"]) == (422, "same-origin")
    assert "nothing was changed" in text_of(answer)
    assert holders.state() == before


@pytest.mark.parametrize("missing", ["first_name", "last_name"])
def test_name_that_the_ticket_needs_is_not_taken_away(holders: Holders, missing: str) -> None:
    press(holders, NAMES)
    TicketType.unscoped.filter(id=holders.ticket.ticket_type_id).update(names_required=True)

    answer = press(holders, {**NAMES, f"attendee-{missing}": " "})

    assert answer.status_code == 422
    assert f'id="attendee-{missing}_error"' in answer.content.decode()
    assert (holders.ticket.attendee_first_name, holders.ticket.attendee_last_name) == ("Grace", "Hopper")
    assert press(holders, {**NAMES, "attendee-first_name": "Gracie"}).status_code == 303
