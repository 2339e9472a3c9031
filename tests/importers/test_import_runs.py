"""A run of an import: rehearsed, repeated, killed half-way; and what it says of rows that are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.cli.main import kassa
from kassa.core.database import Statements
from kassa.core.email_addresses import SENTENCES, AddressFault
from kassa.importers import write
from kassa.importers.errors import CannotImport
from kassa.importers.run import organization_with_slug
from kassa.importers.tickets import STATUSES
from kassa.inventory.domain.places import move_places
from tests.importers.old_system import OldSystem
from tests.support.factories import places

MAILBOX = SENTENCES[AddressFault.MAILBOX]


class Killed(BaseException):
    """The process ends."""


def many(old: OldSystem, count: int) -> list[dict[str, str]]:
    return [old.ticket(f"T{nth}", purchase_reference=f"P{nth}") for nth in range(count)]


def test_dry_run_tells_all_and_writes_nothing(old: OldSystem) -> None:
    old.let_capacity_be(3)

    assert old.import_rows("tickets", *many(old, 5), is_rehearsal=True, batch_size=2) == (3, 0, 2)

    assert [line for line, _ in old.problems()] == [5, 6]
    assert (old.orders, old.tickets, old.history) == ([], [], [])
    assert places(old.standing.quota_id) == (0, 0)
    assert old.import_rows("tickets", *many(old, 5), batch_size=2) == (3, 0, 2)


def test_repeated_import_imports_nothing_twice(old: OldSystem) -> None:
    rows = many(old, 3)
    old.import_rows("tickets", *rows)

    assert old.import_rows("tickets", *reversed(rows)) == (0, 3, 0)
    assert old.import_rows("tickets", *rows, is_rehearsal=True) == (0, 3, 0)

    assert len(old.orders) == 3
    assert places(old.standing.quota_id) == (0, 3)


def test_same_references_of_another_system_are_other_purchases(old: OldSystem) -> None:
    old.import_rows("tickets", *many(old, 2), system="north")

    assert old.import_rows("tickets", *many(old, 2), system="south") == (2, 0, 0)


def test_purchase_that_has_changed_since_is_reported_and_left(old: OldSystem) -> None:
    old.import_rows("tickets", old.ticket("T1"))

    assert old.import_rows("tickets", old.ticket("T1", status="refunded")) == (0, 0, 1)

    assert old.problems() == [
        (2, "It was imported before as ORD-2024-00001, from other rows. That order stays as it is.")
    ]
    assert old.order.status == "confirmed"


def test_killed_half_way_and_run_again_it_is_complete(
    old: OldSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []

    def killed_in_the_second_batch(database: Any, organization_id: Any, moves: Any) -> Any:
        batches.append(1)
        if len(batches) == 2:
            raise Killed
        return move_places(database, organization_id, moves)

    with monkeypatch.context() as patch:
        patch.setattr(write, "move_places", killed_in_the_second_batch)
        with pytest.raises(Killed):
            old.import_rows("tickets", *many(old, 5), batch_size=2)
    assert [order.number for order in old.orders] == ["ORD-2024-00001", "ORD-2024-00002"]
    assert places(old.standing.quota_id) == (0, 2)

    assert old.import_rows("tickets", *many(old, 5), batch_size=2) == (3, 2, 0)

    assert [order.number for order in old.orders] == [f"ORD-2024-0000{nth}" for nth in range(1, 6)]
    assert places(old.standing.quota_id) == (0, 5)


def test_order_that_the_database_refuses_harms_no_other(old: OldSystem) -> None:
    """A rule that the importer does not know of: here one made for the test."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders_ticket ADD CONSTRAINT no_bob CHECK (attendee_first_name <> 'Bob')")
    try:
        rows = many(old, 3)
        rows[1]["first_name"] = "Bob"
        assert old.import_rows("tickets", *rows) == (2, 0, 1)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE orders_ticket DROP CONSTRAINT no_bob")

    assert old.problems() == [
        (3, "The database refused it (rule 'no_bob'). Check its texts and numbers."),
    ]


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("price", "12,50", "'12,50' in 'price' is not an amount. Write it like 45.00, not below zero."),
        ("price", "-1", "'-1' in 'price' is not an amount. Write it like 45.00, not below zero."),
        ("price", "1.005", "'1.005' in 'price' has more than the 2 decimals of EUR."),
        ("price", "", "'price' is empty."),
        ("base_price", "40", "'base_price' is the price before the discount; it is below 'price'."),
        ("currency", "EURO", "'EURO' is not a currency. Write a code such as EUR."),
        ("currency", "USD", "'Night of Strings' is sold in EUR, not USD."),
        ("event", "12", "'12' in 'event' is not an id of Kassa. Write the id that Kassa shows for it."),
        ("customer_email", "ada", "'ada' in 'customer_email' is not an e-mail address."),
        (
            "customer_email",
            "<ada.byron@example.com>",
            f"'<ada.byron@example.com>' in 'customer_email' is not an e-mail address. {MAILBOX}",
        ),
        ("first_name", "\u200b", "'first_name' has no character that can be seen."),
        (
            "purchased_at",
            "May",
            "'May' in 'purchased_at' is not a moment. Write it like 2024-05-31T18:30:00Z.",
        ),
        ("purchased_at", "2999-01-01", "It was bought in the future, at 2999-01-01T00:00:00+00:00."),
        ("first_name", "A" * 121, "'first_name' has more than 120 characters."),
        ("coupon", "NONE", "This organisation has no coupon NONE. Make it first."),
        ("seat", "1A", "'Standing' has no numbered seats. Leave 'seat' empty."),
        (
            "status",
            "lost",
            "'lost' in 'status' is not known. Write one of: " + ", ".join(STATUSES) + ".",
        ),
    ],
)
def test_bad_row_is_reported_with_its_line(old: OldSystem, column: str, value: str, problem: str) -> None:
    rows = many(old, 2)
    rows[0][column] = value

    assert old.import_rows("tickets", *rows) == (1, 0, 1)

    assert old.problems() == [(2, problem)]


def test_order_with_a_bad_row_is_not_imported_at_all(old: OldSystem) -> None:
    rows = [old.ticket("T1"), old.ticket("T2", price="free"), old.ticket("T3", purchase_reference="P2")]

    assert old.import_rows("tickets", *rows) == (1, 0, 1)

    assert old.problems() == [
        (2, "Not imported, because line 3 of its order is wrong."),
        (3, "'free' in 'price' is not an amount. Write it like 45.00, not below zero."),
    ]


def test_ticket_that_stands_twice_is_imported_once(old: OldSystem) -> None:
    rows = [old.ticket("T1"), old.ticket("T1", purchase_reference="P2")]

    assert old.import_rows("tickets", *rows) == (1, 0, 1)

    assert old.problems() == [(3, "'ticket_reference' T1 stands on line 2 already.")]


def test_lines_are_counted_past_breaks_within_cells_and_short_rows(old: OldSystem) -> None:
    path = old.write(
        old.ticket("T1", last_name="Love\nlace"), old.ticket("T2", price="x", purchase_reference="P2")
    )
    path.write_text(path.read_text() + "T3,P3\n\n,,\n")

    assert old.import_file("tickets", path) == (1, 0, 2)

    assert [line for line, _ in old.problems()] == [4, 5]
    assert old.problems()[1][1] == "It has 2 cells, and the first line names 14 columns."


def test_report_is_mended_and_imported(old: OldSystem) -> None:
    rows = many(old, 2)
    rows[0]["price"] = "forty"
    old.import_rows("tickets", *rows)
    report = old.folder / "old.rejected.csv"
    report.write_text(report.read_text().replace("forty,", "40.00,"))

    assert old.import_file("tickets", report) == (1, 0, 0)

    assert not (old.folder / "old.rejected.rejected.csv").exists()
    assert len(old.orders) == 2


def test_semicolons_and_headings_of_spreadsheets_are_read(old: OldSystem) -> None:
    path = old.write(old.ticket("T1"))
    heading, row = path.read_text().replace(",", ";").splitlines()
    path.write_text("\ufeff" + heading.replace("_", " ").title() + "\n" + row + "\n", encoding="utf-8")

    assert old.import_file("tickets", path) == (1, 0, 0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"ticket_reference,price\n", "lacks the columns customer_email, event"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
    ],
)
def test_file_that_cannot_be_read_imports_nothing(old: OldSystem, content: bytes, sentence: str) -> None:
    path = old.folder / "old.csv"
    path.write_bytes(content)

    with pytest.raises(CannotImport, match=sentence):
        old.import_file("tickets", path)


def test_statements_do_not_grow_with_the_file(old: OldSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    old.let_capacity_be(1000)
    queued: list[str] = []
    queue = Statements.queue

    def counted(self: Statements, sql: str, *arguments: Any, **options: Any) -> Any:
        queued.append(sql)
        return queue(self, sql, *arguments, **options)

    monkeypatch.setattr(Statements, "queue", counted)

    def statements(start: int, count: int) -> int:
        queued.clear()
        with CaptureQueriesContext(connection) as queries:
            assert old.import_rows("tickets", *many(old, start + count)[start:]) == (count, 0, 0)
        return len(queries) + len(queued)

    statements(0, 1)
    assert statements(1, 1) == statements(2, 90)


def test_organisation_is_named_by_its_slug(old: OldSystem) -> None:
    assert organization_with_slug(old.organization.slug) == old.organization.id
    with pytest.raises(CannotImport, match="no organisation with the slug 'nowhere'"):
        organization_with_slug("nowhere")


def run(arguments: Sequence[str]) -> Any:
    return CliRunner().invoke(kassa, ["import", *arguments])


def test_command_imports_says_so_and_fails_when_rows_are_rejected(
    old: OldSystem, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    path = old.write(old.ticket("T1"), old.ticket("T2", purchase_reference="P2", price="x"))
    arguments = ["tickets", str(path), "--organization", old.organization.slug]

    rehearsed = run([*arguments, "--dry-run"])
    assert rehearsed.exit_code == 1
    assert "Would be imported: 1 order." in rehearsed.stdout
    assert "nothing was written" in rehearsed.stdout
    assert old.orders == []

    done = run(arguments)
    assert done.exit_code == 1
    assert "Imported: 1 order." in done.stdout
    assert "old.rejected.csv" in done.stdout
    assert run(["tickets", str(path), "--organization", "nowhere"]).exit_code == 1
    assert len(old.orders) == 1
