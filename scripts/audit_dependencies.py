"""Compares the pinned requirements with the advisories that OSV publishes for PyPI.

OSV offers all of them as one archive, so that nobody learns what is asked for and an older copy works
without a network. pip-audit would ask a service about each package, and cannot do without it.

Exit codes: 0 nothing is known to be vulnerable, 1 something is, 2 there are no advisories to compare with.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import click
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parent.parent
PINNED = (ROOT / "requirements" / "runtime.txt", ROOT / "requirements" / "development.txt")
ACCEPTED = ROOT / "requirements" / "accepted-advisories.txt"
ARCHIVE = ROOT / ".advisories" / "PyPI.zip"
ADDRESS = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
FRESH_SECONDS = 24 * 3600
PATIENCE_SECONDS = 60
VULNERABLE, WITHOUT_DATA = 1, 2


@dataclass(frozen=True, slots=True)
class Finding:
    """A pinned version that an advisory is about."""

    name: str
    version: str
    advisory: str
    summary: str
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        fixed = f"fixed in {', '.join(self.fixed_in)}" if self.fixed_in else "not fixed yet"
        return f"{self.name} {self.version}: {self.advisory} {self.summary} ({fixed})"


def read_pins(files: Iterable[Path]) -> dict[str, set[str]]:
    """Return the pinned versions by the normal form of their names."""
    pins: dict[str, set[str]] = {}
    for file in files:
        for line in file.read_text().splitlines():
            if not line or line[0] in " #-":
                continue
            requirement = Requirement(line.removesuffix("\\").strip())
            [specifier] = requirement.specifier
            pins.setdefault(canonicalize_name(requirement.name), set()).add(specifier.version)
    return pins


def read_accepted(file: Path) -> dict[str, str]:
    """Return the advisories that are accepted, with the reason that stands behind each. Raises ValueError."""
    accepted = {}
    for line in file.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            advisory, _, reason = line.strip().partition(" ")
            if not reason.strip():
                raise ValueError(f"{file.name}: say why {advisory} is accepted")
            accepted[advisory] = reason.strip()
    return accepted


def read_advisories(source: Path) -> Iterator[Mapping[str, Any]]:
    """Read OSV's records from its archive, or from a folder of JSON files."""
    if source.is_dir():
        for file in sorted(source.glob("*.json")):
            yield json.loads(file.read_text())
        return
    with zipfile.ZipFile(source) as archive:
        for name in archive.namelist():
            yield json.loads(archive.read(name))


def find_vulnerable(pins: Mapping[str, set[str]], advisories: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Return every pinned version that an advisory is about; those withdrawn are about none."""
    found = []
    for advisory in advisories:
        if advisory.get("withdrawn"):
            continue
        for affected in advisory.get("affected", ()):
            package = affected.get("package", {})
            name = canonicalize_name(package.get("name", ""))
            if package.get("ecosystem") != "PyPI" or name not in pins:
                continue
            found += [
                Finding(name, version, advisory["id"], advisory.get("summary", ""), _fixes(affected))
                for version in sorted(pins[name])
                if _is_affected(version, affected)
            ]
    return sorted(set(found), key=lambda one: (one.name, one.version, one.advisory))


def _is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    return version in affected.get("versions", ()) or any(
        _is_within(Version(version), window.get("events", ()))
        for window in affected.get("ranges", ())
        if window.get("type") == "ECOSYSTEM"
    )


def _is_within(version: Version, events: Iterable[Mapping[str, str]]) -> bool:
    """Say whether a version is after an event that brings the fault, and before the one that mends it."""
    is_within = False
    for at, event in sorted(((_parse(text), name) for one in events for name, text in one.items())):
        if event == "introduced" and version >= at:
            is_within = True
        elif (event == "fixed" and version >= at) or (event == "last_affected" and version > at):
            is_within = False
    return is_within


def _parse(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")  # as cautious as can be: affected from the first version on


def _fixes(affected: Mapping[str, Any]) -> tuple[str, ...]:
    windows = [window for window in affected.get("ranges", ()) if window.get("type") == "ECOSYSTEM"]
    return tuple(event["fixed"] for window in windows for event in window["events"] if "fixed" in event)


def fetch_archive(target: Path) -> None:
    """Fetch OSV's archive, unless the one that is there is of today; keep an older one if that fails."""
    if target.exists() and time.time() - target.stat().st_mtime < FRESH_SECONDS:
        return
    target.parent.mkdir(exist_ok=True)
    try:
        with (
            urlopen(ADDRESS, timeout=PATIENCE_SECONDS) as answer,
            tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as draft,
        ):
            shutil.copyfileobj(answer, draft)
        Path(draft.name).replace(target)
    except (URLError, OSError) as error:
        age = f"using those of {time.ctime(target.stat().st_mtime)}" if target.exists() else "there are none"
        click.echo(f"New advisories cannot be had ({error}); {age}.", err=True)


def main(arguments: list[str] | None = None) -> int:
    """Compare, print what is vulnerable, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--advisories", type=Path, help="OSV's archive for PyPI, or a folder of its records")
    parser.add_argument("--skip-without-data", action="store_true", help="exit with 0 where there are none")
    options = parser.parse_args(arguments)
    given = os.environ.get("KASSA_ADVISORIES")
    source = options.advisories or (Path(given) if given else ARCHIVE)
    if source == ARCHIVE:
        fetch_archive(source)
    if not source.exists():
        click.echo("Skipped: there are no advisories to compare with; set KASSA_ADVISORIES to OSV's archive.")
        return 0 if options.skip_without_data else WITHOUT_DATA
    pins, accepted = read_pins(PINNED), read_accepted(ACCEPTED)
    found = [one for one in find_vulnerable(pins, read_advisories(source)) if one.advisory not in accepted]
    for one in found:
        click.echo(str(one))
    versions = sum(len(each) for each in pins.values())
    click.echo(
        f"{versions} pinned versions compared: {len(found)} findings, {len(accepted)} advisories accepted."
    )
    return VULNERABLE if found else 0


if __name__ == "__main__":
    sys.exit(main())
