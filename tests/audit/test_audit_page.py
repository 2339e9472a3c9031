"""The operators' page says what the audit says: its checks, its exit status."""

from __future__ import annotations

from kassa.audit.check import BITS
from kassa.audit.run import CHECKS
from kassa.cli.commands.audit import COULD_NOT_RUN
from tests.docs.test_docs import first_column, rows, section

PAGE = "operators/audit.md"


def test_every_check_says_what_to_do() -> None:
    told = first_column(section(PAGE, "## What to do about a finding"))

    assert sorted(told) == sorted(check.name for check in CHECKS)


def test_exit_status_is_that_of_the_code() -> None:
    told = first_column(section(PAGE, "## Exit status"))

    assert told == [str(status) for status in (*BITS.values(), COULD_NOT_RUN)]


def test_every_subject_says_what_it_proves() -> None:
    told = rows(section(PAGE, "## What it proves"))

    assert [cells[0] for cells in told] == [str(subject) for subject in BITS]
