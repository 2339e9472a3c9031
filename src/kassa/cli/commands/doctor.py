"""``kassa doctor``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from kassa.cli.production import find_weaknesses
from kassa.cli.settings import data_folder, read_settings, set_up_django
from kassa.data_folder import is_private
from kassa.runtime.database import check_server, describe_address, given_url, open_database
from kassa.runtime.errors import CannotStart
from kassa.runtime.ports import answers, is_free

OLDEST_PYTHON = (3, 11)
MOST_CLOCK_DIFFERENCE = timedelta(seconds=1)
"""Kassa goes by the database's clock, but signatures and one-time codes of others are checked by its own."""
LONGEST_TRANSACTION = timedelta(minutes=1)
"""Kassa ends its own when they have stood still for so long."""
LEAST_FREE_BYTES = 1024**3
"""Room for the database to grow, and for the 4 GiB of changes it may keep under load."""


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; `problem` says what is wrong and what to do, None when all is well."""

    subject: str
    detail: str = ""
    problem: str | None = None


@click.command()
@click.option("--production", is_flag=True, help="Also find what is fine for trials alone.")
def doctor(*, production: bool) -> None:
    """Check what Kassa needs, and say what to do about each problem; exit with 1 if there is any."""
    checks = [_python, _data_folder, _disk_space, _database, _port]
    if production:
        checks += [_settings_for_the_public, _private_folder, _database_for_the_public]
    findings = [finding for check in checks for finding in _run(check)]
    for finding in findings:
        if finding.problem is None:
            click.echo(f"ok       {finding.subject}: {finding.detail}")
        else:
            click.echo(f"problem  {finding.subject}: {finding.problem}")
    sys.exit(any(finding.problem for finding in findings))


def _run(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except CannotStart as error:
        yield Finding(check.__name__.strip("_").replace("_", " "), problem=str(error))


def _python() -> Iterator[Finding]:
    version = sys.version.split()[0]
    if sys.version_info < OLDEST_PYTHON:
        yield Finding("python", problem=f"{version} is too old; install Python 3.11 or newer.")
    else:
        yield Finding("python", version)


def _data_folder() -> Iterator[Finding]:
    folder = data_folder()
    existing = _nearest_existing(folder)
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        yield Finding("data folder", f"{folder} can be written to")
    else:
        problem = f"{existing} cannot be written to; set KASSA_DATA_DIR to a folder that can."
        yield Finding("data folder", problem=problem)


def _disk_space() -> Iterator[Finding]:
    free = shutil.disk_usage(_nearest_existing(data_folder())).free
    text = f"{free / 1024**3:.1f} GiB free"
    if free < LEAST_FREE_BYTES:
        yield Finding("disk space", problem=f"{text}; make room, or set KASSA_DATA_DIR to another disk.")
    else:
        yield Finding("disk space", text)


def _port() -> Iterator[Finding]:
    settings = read_settings()
    place = f"{settings.PORT} on {settings.HOST}"
    if is_free(settings.HOST, settings.PORT):
        yield Finding("port", f"{place} is free")
    elif answers(settings.HOST, settings.PORT):
        yield Finding("port", f"{place} answers")
    else:
        problem = f"{place} cannot be listened on and does not answer; set KASSA_PORT to another."
        yield Finding("port", problem=problem)


def _database() -> Iterator[Finding]:
    # Before anything reads the settings: they read DATABASE_URL, once, and here it is decided.
    is_given = given_url() is not None
    with open_database(data_folder(), may_start=False) as url:
        check_server(url)
        where = describe_address(url) if is_given else "the embedded one"
        yield Finding("database", f"{where} answers")
        set_up_django()
        from kassa.runtime.schema import unapplied_migrations

        missing = unapplied_migrations()
        if missing:
            problem = f"{len(missing)} are not applied ({missing[0]}, …); run `kassa migrate`."
            yield Finding("migrations", problem=problem)
        else:
            yield Finding("migrations", "all applied")
            yield from _providers()
            yield from _outbox()
        yield from _clock()


def _providers() -> Iterator[Finding]:
    from kassa.core.clock import utc_now
    from kassa.payments.domain.attempts.silent_providers import find_silent_providers

    silent = find_silent_providers(None, now=utc_now())
    for provider in silent:
        yield Finding("payment providers", problem=provider.sentence)
    if not silent:
        yield Finding("payment providers", "all that have open payments were heard of")


def _outbox() -> Iterator[Finding]:
    from kassa.core.outbox_horizon import find_holding_session

    holding = find_holding_session()
    if holding is None or holding.age < LONGEST_TRANSACTION:
        yield Finding("outbox", "nothing holds up the events that are read")
        return
    problem = (
        f"events from position {holding.position} on wait for a transaction that process {holding.pid} of "
        f"PostgreSQL ({holding.application or 'no name'}, user {holding.user}, database {holding.database}) "
        f"has kept open for {holding.age.total_seconds():.0f} s; end it there, or by "
        f"`SELECT pg_terminate_backend({holding.pid})`."
    )
    yield Finding("outbox", problem=problem)


def _settings_for_the_public() -> Iterator[Finding]:
    weaknesses = find_weaknesses(read_settings())
    for weakness in weaknesses:
        yield Finding(weakness.subject, problem=weakness.advice)
    if not weaknesses:
        yield Finding("for the public", "no setting is one for trials")


def _private_folder() -> Iterator[Finding]:
    folder = data_folder()
    if not folder.exists() or is_private(folder):
        yield Finding("privacy", "nobody else can read the data folder")
    else:
        yield Finding("privacy", problem=f"others can read {folder}; run `chmod 700 {folder}` (711 as root).")


def _database_for_the_public() -> Iterator[Finding]:
    with open_database(data_folder(), may_start=False):
        set_up_django()
        from kassa.runtime.health import find_database_problems

        problems = find_database_problems()
        for subject, problem in problems:
            yield Finding(subject, problem=problem)
        if not problems:
            yield Finding("database for the public", "no demo, all is written to disk, a worker runs")


def _clock() -> Iterator[Finding]:
    from kassa.core.database_clock import measure_database

    seconds = measure_database().offset.total_seconds()
    text = f"{abs(seconds):.3f} s {'behind' if seconds > 0 else 'ahead of'} the database's"
    if abs(seconds) > MOST_CLOCK_DIFFERENCE.total_seconds():
        problem = f"this machine's is {text}; let both follow the same time servers (NTP)."
        yield Finding("clock", problem=problem)
    else:
        yield Finding("clock", text)


def _nearest_existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
