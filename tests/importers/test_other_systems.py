"""Files as Eventbrite, pretix and Tito export them, of invented people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from kassa.catalog.models import TicketType
from kassa.cli.main import kassa
from kassa.importers.errors import CannotImport
from kassa.importers.foreign_values import rewrite_moment
from kassa.importers.layout import Options
from kassa.importers.presets import PRESETS
from tests.importers.old_system import OldSystem
from tests.support.factories import make_ticket_type

EVENTBRITE = (
    "Order no.,Order Date,First Name,Surname,Email,Quantity,Price Tier,Ticket Type,Attendee no.,Group,"
    "Order Type,Currency,Total Paid,Fees Paid,Eventbrite Fees,Eventbrite Payment Processing,Attendee Status\n"
    "9001,31/05/2026 20:30,Maya,Okafor,maya@example.com,1,,Standard,1,,"
    "Eventbrite Completed,EUR,45.00,0,0,0,Attending\n"
    "9001,31/05/2026 20:30,Femi,Okafor,maya@example.com,1,,Standard,2,,"
    "Eventbrite Completed,EUR,45.00,0,0,0,Checked In\n"
)
PRETIX = (
    "Event slug;Order code;Position ID;Status;Email;Phone number;Order date;Order time;Product;Variation;"
    "Price;Tax rate;Attendee name;Attendee name: Given name;Attendee name: Family name;Attendee email;"
    "Voucher;Seat zone;Seat row;Seat number\n"
    "gala;A1B2C;1;paid;maya@example.com;;2026-05-31;20:30:00;Standard;;"
    "45,00;19,00;Maya Okafor;Maya;Okafor;;;;;\n"
    "gala;A1B2C;2;paid;maya@example.com;;2026-05-31;20:30:00;Standard;;"
    "45,00;19,00;Femi Okafor;Femi;Okafor;;;;;\n"
)
TITO = (
    "Number,Ticket,Ticket Full Name,Ticket First Name,Ticket Last Name,Ticket Email,Ticket Company Name,"
    "Event,Void Status,Price,Ticket Reference,Tags,Ticket Created Date,Order Name,Order Email,"
    "Order Discount Code,Order Reference,Order Created Date,Order Completed Date\n"
    "1,Standard,Maya Okafor,Maya,Okafor,maya@example.com,-,Gala,-,45.00,GIAO-1,-,2026-05-31,"
    "Maya Okafor,maya@example.com,-,GIAO,2026-05-31 20:30:00,2026-05-31 20:30:00\n"
    "2,Standard,Femi Okafor,Femi,Okafor,femi@example.com,-,Gala,-,45.00,GIAO-2,-,2026-05-31,"
    "Maya Okafor,maya@example.com,-,GIAO,2026-05-31 20:30:00,2026-05-31 20:30:00\n"
)
FILES = {"eventbrite": EVENTBRITE, "pretix": PRETIX, "tito": TITO}
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def standard(old: OldSystem) -> TicketType:
    return make_ticket_type(old.event, quantity=10, name="Standard")


def bring(old: OldSystem, system: str, text: str | None = None, **options: Any) -> tuple[int, int, int]:
    path = old.folder / "old.csv"
    path.write_text(FILES[system] if text is None else text, encoding="utf-8-sig")
    said = Options(**{"preset": PRESETS[system], "time_zone": BERLIN, **options})
    return old.import_file("tickets", path, options=said, event_id=old.event.id)


@pytest.mark.parametrize("system", list(FILES))
def test_export_becomes_an_order_with_its_tickets(old: OldSystem, standard: TicketType, system: str) -> None:
    assert bring(old, system) == (1, 0, 0), old.problems()

    order = old.order
    assert (order.customer_email, order.total, order.currency) == (
        "maya@example.com",
        Decimal("90.00"),
        "EUR",
    )
    assert order.created_at.isoformat() == "2026-05-31T18:30:00+00:00"
    assert [one.attendee_first_name for one in old.tickets] == ["Maya", "Femi"]
    assert {(one.attendee_last_name, one.ticket_type_id) for one in old.tickets} == {("Okafor", standard.id)}
    used = ["valid", "used"] if system == "eventbrite" else ["valid", "valid"]
    assert [one.status for one in old.tickets] == used
    assert bring(old, system) == (0, 1, 0)


@pytest.mark.parametrize("system", list(FILES))
def test_export_without_a_word_says_which_it_looks_like(old: OldSystem, system: str) -> None:
    with pytest.raises(CannotImport, match=f"It looks like an export of .*: say --from {system}"):
        bring(old, system, preset=None)


def test_word_that_says_nothing_of_the_money_is_asked_about(old: OldSystem, standard: TicketType) -> None:
    text = EVENTBRITE.replace("Checked In", "Not Attending")
    assert bring(old, "eventbrite", text) == (0, 0, 1)
    assert old.problems()[1][1].startswith("'Not Attending' in 'status' is not known.")

    assert bring(old, "eventbrite", text, words=[("status", "not attending", "refunded")]) == (1, 0, 0)
    assert [one.status for one in old.tickets] == ["valid", "refunded"]


def test_ticket_type_that_is_called_otherwise_is_replaced(old: OldSystem, standard: TicketType) -> None:
    text = EVENTBRITE.replace(",Standard,", ",General Admission,")
    assert bring(old, "eventbrite", text) == (0, 0, 1)

    said = [("ticket_type", "General Admission", "Standard")]
    assert bring(old, "eventbrite", text, words=said) == (1, 0, 0)


def test_row_for_several_tickets_is_refused(old: OldSystem, standard: TicketType) -> None:
    assert bring(old, "eventbrite", EVENTBRITE.replace("com,1,", "com,3,", 1)) == (0, 0, 1)
    assert old.problems()[0][1] == "It is for 3 tickets. Export one row for each ticket."


def test_date_that_can_be_two_is_asked_about(old: OldSystem, standard: TicketType) -> None:
    text = EVENTBRITE.replace("31/05/2026", "05/06/2026")
    assert bring(old, "eventbrite", text) == (0, 0, 1)
    assert "may begin with the day or the month. Say which with --date-order." in old.problems()[0][1]

    assert bring(old, "eventbrite", text, is_month_first=True) == (1, 0, 0)
    assert old.order.created_at.isoformat() == "2026-05-06T18:30:00+00:00"


@pytest.mark.parametrize(
    ("written", "month_first", "read"),
    [
        ("31.05.2026 20:30", None, "2026-05-31T20:30:00+02:00"),
        ("05.06.2026", True, "2026-06-05T00:00:00+02:00"),
        ("05/31/2026 8:30 PM", None, "2026-05-31T20:30:00+02:00"),
        ("5/6/2026 12:05 am", False, "2026-06-05T00:05:00+02:00"),
        ("2026-05-31 20:30", None, "2026-05-31T20:30:00+02:00"),
        ("2026-05-31 20:30:00 UTC", None, "2026-05-31T20:30:00+00:00"),
        ("2026-05-31 20:30:00 +0100", None, "2026-05-31 20:30:00 +0100"),
        ("2026-05-31T18:30:00Z", None, "2026-05-31T18:30:00Z"),
        ("32/05/2026", None, "32/05/2026"),
        ("05/06/2026", None, "05/06/2026"),
        ("soon", None, "soon"),
    ],
)
def test_moments_as_others_write_them(written: str, month_first: bool | None, read: str) -> None:
    assert rewrite_moment(written, BERLIN, is_month_first=month_first) == read


def test_columns_are_mapped_by_name(old: OldSystem) -> None:
    row = old.ticket("T1")
    row["Was bezahlt wurde"] = row.pop("price")
    row.pop("currency")
    said = Options(headings={"price": "was bezahlt wurde"}, constants={"currency": "EUR"})

    assert old.import_rows("tickets", row, options=said) == (1, 0, 0)

    for wrong, sentence in (
        (Options(headings={"price": "Preis"}), "The file has no column 'Preis'. It has: "),
        (
            Options(constants={"prize": "1"}),
            "'prize' is not a column of tickets, which are: ticket_reference",
        ),
    ):
        with pytest.raises(CannotImport, match=sentence):
            old.import_rows("tickets", row, options=wrong)


def test_event_of_another_organisation_is_none(old: OldSystem) -> None:
    stranger = OldSystem(old.folder)
    path = old.folder / "old.csv"
    path.write_text(EVENTBRITE)

    with pytest.raises(CannotImport, match="This organisation has no event"):
        old.import_file("tickets", path, event_id=stranger.event.id)


def run(arguments: Sequence[str]) -> Any:
    return CliRunner().invoke(kassa, ["import", *arguments])


def test_command_takes_a_preset_and_a_mapping(
    old: OldSystem, standard: TicketType, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    path = old.folder / "attendees.csv"
    path.write_text(EVENTBRITE.replace("Total Paid", "Paid"))
    arguments = ["tickets", str(path), "--organization", old.organization.slug, "--event", str(old.event.id)]
    arguments += ["--from", "eventbrite", "--map", "price=Paid", "--time-zone"]

    assert "is not a time zone" in str(run([*arguments, "Berlin"]).exception)
    done = run([*arguments, "Europe/Berlin"])

    assert (done.exit_code, "Imported: 1 order." in done.stdout) == (0, True)
    assert old.order.idempotency_key == "import:eventbrite:9001"
    assert old.order.imported_from == "eventbrite"
