"""``kassa audit``: proves that the books balance, or says where they do not."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import json
import sys
import traceback
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from kassa.cli.settings import data_folder, set_up_django
from kassa.runtime.database import open_database
from kassa.runtime.errors import CannotStart

if TYPE_CHECKING:
    from uuid import UUID

    from kassa.audit.run import Finding, Report

SHOWN = 20
"""How many wrong rows of each kind are printed."""
COULD_NOT_RUN = 64
"""Apart from the bits of what is wrong: nothing is known about the books."""


class _Audit(click.Command):
    """A command whose exit status for a wrong option does not look like that of wrong books."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            error.show()
            sys.exit(COULD_NOT_RUN)


@click.command(cls=_Audit)
@click.option("--organization", metavar="SLUG", help="Only this organisation's books; otherwise all.")
@click.option("--json", "as_json", is_flag=True, help="Print all that was found as JSON.")
def audit(*, organization: str | None, as_json: bool) -> None:
    """Hold places, orders, payments, ledger and door against each other; nothing is changed.

    Exits with 0 if all books balance, else with the sum of 1 (quotas, seats), 2 (orders, tickets,
    coupons), 4 (payments, refunds), 8 (ledger) and 16 (door); with 64 if it could not run. Sales may go on
    meanwhile.
    """
    try:
        report = _run(organization)
    except CannotStart as error:
        click.echo(f"kassa: {error}", err=True)
        sys.exit(COULD_NOT_RUN)
    except Exception:  # noqa: BLE001 - whatever it was, Python's own exit status would say: wrong quotas
        traceback.print_exc()
        sys.exit(COULD_NOT_RUN)
    click.echo(json.dumps(_as_json(report), indent=2, default=str) if as_json else _as_text(report))
    sys.exit(report.exit_status)


def _run(slug: str | None) -> Report:
    with open_database(data_folder(), may_start=True):
        set_up_django()
        from django.db import OperationalError

        from kassa.audit.run import CHECKS, run_audit
        from kassa.core.database_clock import set_clock
        from kassa.runtime.schema import unapplied_migrations

        if missing := unapplied_migrations():
            raise CannotStart(f"The tables are not up to date ({missing[0]}, …). Run `kassa migrate`.")
        set_clock()
        organization_id = None if slug is None else _organization(slug)
        with click.progressbar(
            length=len(CHECKS),
            label="Auditing",
            file=sys.stderr,
            item_show_func=lambda name: name or "",
            hidden=not sys.stderr.isatty(),
        ) as bar:
            try:
                return run_audit(organization_id, progress=lambda check: bar.update(1, check.name))
            except OperationalError as error:
                reason = " ".join(str(error).split())
                raise CannotStart(f"The database broke off: {reason} Run the audit again.") from error


def _organization(slug: str) -> UUID:
    """Return an organisation's id, of a closed one as well: its books are kept."""
    from kassa.organizations.models import Organization

    found = Organization.objects.filter(slug=slug).values_list("id", flat=True).first()
    if found is None:
        raise CannotStart(f"There is no organisation with the slug '{slug}'.")
    return found


def _as_text(report: Report) -> str:
    counts = f"{report.orders:,} orders, {report.payments:,} payments and {report.entries:,} entries"
    lines = [f"Looked at {counts} of the ledger."]
    lines += [provider.sentence for provider in report.silent_providers]
    if not report.findings:
        return "\n".join([*lines, "All books balance."])
    lines.append("The books do not balance.")
    for check, found in groupby(report.findings, key=lambda finding: finding.check):
        findings = list(found)
        lines += ["", f"{check.subject}: {check.sentence} ({len(findings):,}, '{check.name}')"]
        lines += [f"    {_line(finding)}" for finding in findings[:SHOWN]]
        if len(findings) > SHOWN:
            lines.append(f"    … and {len(findings) - SHOWN:,} more")
    return "\n".join(lines)


def _line(finding: Finding) -> str:
    of = {"order": finding.number} if finding.number else {"organization": finding.organization_id}
    return ", ".join(f"{name} {value}" for name, value in {**of, **finding.figures}.items())


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "balanced": not report.findings,
        "exit_status": report.exit_status,
        "silent_providers": [
            {"provider": one.name, "attempts": one.attempts, "since": one.since, "sentence": one.sentence}
            for one in report.silent_providers
        ],
        "looked_at": {"orders": report.orders, "payments": report.payments, "entries": report.entries},
        "findings": [
            {
                "check": finding.check.name,
                "subject": finding.check.subject,
                "sentence": finding.check.sentence,
                "organization": finding.organization_id,
                "order": finding.order_id,
                "number": finding.number,
                "figures": finding.figures,
            }
            for finding in report.findings
        ],
    }
