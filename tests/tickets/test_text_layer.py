"""What whoever copies, searches or listens to a document gets: what was written, and nothing else."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from kassa.core.clock import utc_now
from kassa.invoices.domain.document import invoice_pdf
from kassa.invoices.domain.issue import invoice_of_order
from kassa.orders.models import Ticket
from kassa.organizations.models import Organization
from kassa.tickets.domain.printed import read_printed
from kassa.tickets.domain.wallet_apple import pass_document
from kassa.tickets.domain.wallet_ticket import wallet_ticket
from kassa.tickets.queries import ticket_document_of
from tests.notifications.office import Office
from tests.support.factories import make_event, make_organization
from tests.tickets.printing import Press, lines_of, pages_of, read_codes

MAIL, SITE = "tickets@lindenhof.example", "https://lindenhof.example"
UNSEEN = frozenset("\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ue000")
THAI = "ส่งท้ายปีเก่าต้อนรับปีใหม่ด้วยดนตรีคลาสสิกที่ลานกลางแจ้งเวลาสิบเอ็ดนาฬิกา"


@pytest.fixture
def press(db: None) -> Press:
    organization = make_organization(default_currency="EUR")
    Organization.objects.filter(id=organization.id).update(email=MAIL, website=SITE)
    organization.refresh_from_db()
    return Press(organization)


def documents_of(press: Press, **fields: Any) -> list[bytes]:
    """Return the ticket and the invoice of an order for an event."""
    starts_at = datetime(2030, 6, 1, 18, tzinfo=UTC)
    order = press.sell(make_event(press.organization, **{"starts_at": starts_at, **fields}))
    invoice = invoice_of_order(press.organization.id, order.id, now=utc_now())
    return [press.pdf(order), invoice_pdf(press.organization.id, invoice)]


def test_addresses_can_be_copied(press: Press) -> None:
    ticket, invoice = (
        lines_of(pdf) for pdf in documents_of(press, location_type="hybrid", virtual_event_url=SITE)
    )

    assert any(MAIL in line for line in ticket)
    assert any(SITE in line for line in ticket)
    assert any(MAIL in line for line in invoice)
    assert any(SITE in line for line in invoice)


@pytest.mark.parametrize(
    "title",
    [
        THAI,
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung",
        f"See {SITE}/programme/autumn/brahms-and-dvořák?lang=en&from=ticket now",
        "soft\u00adhyphen zero\u200bwidth word\u2060joiner \ufeffmark join\u200der",
    ],
)
def test_nothing_is_copied_that_nobody_sees(press: Press, title: str) -> None:
    for pdf in documents_of(press, title=title, short_description=title):
        lines = lines_of(pdf)
        assert UNSEEN & set("".join(lines)) == set()
        shown = "".join("".join(lines).split())
        assert "".join(letter for letter in title if letter not in UNSEEN).replace(" ", "") in shown


def test_an_address_that_is_too_long_breaks_behind_its_signs(press: Press) -> None:
    site = f"{SITE}/the/programme/of/the/autumn/with-brahms-and-dvorak/and_all_the_others/2030/"
    pdf, _ = documents_of(press, location_type="virtual", virtual_event_url=site)

    lines = lines_of(pdf)
    begins = next(place for place, line in enumerate(lines) if line.startswith(SITE))
    parts = [lines[begins]]
    while "".join(parts) != site:
        parts.append(lines[begins + len(parts)])
        assert "".join(parts) in site
    assert len(parts) > 1
    assert all(part[-1] in "/-_." for part in parts)


def test_thai_breaks_between_words_and_never_within_a_syllable(press: Press) -> None:
    pdf, _ = documents_of(press, title=THAI)

    lines = [line for line in lines_of(pdf) if line and "\u0e00" < line[0] < "\u0e7f"]
    assert "".join(lines).startswith(THAI)
    assert len(lines) > 1
    for line in lines:
        assert not unicodedata.category(line[0]).startswith("M")
    assert lines[0].endswith(("ดนตรี", "คลาสสิก", "ด้วย", "ปีใหม่", "ที่"))


@pytest.mark.parametrize("letter", ["م", "क", "ᠪ", "ߡ", "x", "王", "ก", "\U0001f3bb"])
def test_no_name_runs_over_the_code(press: Press, letter: str) -> None:
    order = press.sell(make_event(press.organization, title=letter * 180))
    Ticket.objects.of(press.organization.id).update(attendee_first_name=letter * 110)

    assert [read_codes(page) for page in pages_of(press.pdf(order))] == [
        press.qr_texts(press.tickets_of(order))
    ]


def test_a_pass_has_nothing_that_only_paper_needs(press: Press) -> None:
    event = make_event(
        press.organization, title="Donaudampfschifffahrtsgesellschaftskapitän", venue_name=f"{SITE}/x"
    )
    order = press.sell(event)
    Ticket.objects.of(press.organization.id).update(attendee_first_name="Wolfeschlegelsteinhausenbergerdorff")
    printed = read_printed(press.organization.id, order_id=order.id)
    shown = pass_document(
        wallet_ticket(printed.tickets[0], printed, qr="KASSA:", language="en"),
        {"pass_type_id": "p", "team_id": "t"},
    )

    text = orjson.dumps(shown).decode()
    assert UNSEEN & set(text) == set()
    assert "Wolfeschlegelsteinhausenbergerdorff" in text
    assert MAIL in text


def test_the_organiser_is_told_of_letters_that_no_font_has(transactional_db: None) -> None:
    office = Office()
    assert office.sold
    office.set_ticket(attendee_first_name="\U00020bb7", attendee_last_name="田")
    office.work()

    assert office.message("order_confirmed").remark == (
        "No font has these letters, so boxes are printed in their place: \U00020bb7 (U+20BB7)."
    )
    document = ticket_document_of(office.id, office.ticket, now=office.now)
    assert document["unprintable_letters"] == "\U00020bb7"
    other = next(ticket for ticket in office.tickets_of(office.sold) if ticket.id != office.ticket_id)
    assert ticket_document_of(office.id, other, now=office.now)["unprintable_letters"] == ""
