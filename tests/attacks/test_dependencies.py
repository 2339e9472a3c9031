"""A requirement with a known fault is found before it is given out, also without a network."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from scripts import audit_dependencies
from scripts.audit_dependencies import (
    PINNED,
    VULNERABLE,
    WITHOUT_DATA,
    find_vulnerable,
    main,
    read_accepted,
    read_pins,
)

DJANGO = next(iter(read_pins(PINNED)["django"]))


def build_advisory(*events: dict[str, str], name: str = "Django", **changes: Any) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
    }
    return {"id": "TEST-1", "summary": "Lets anybody in.", "affected": [affected], **changes}


def write(folder: Path, *advisories: dict[str, Any]) -> Path:
    archive = folder / "all.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for number, advisory in enumerate(advisories):
            file.writestr(f"{number}.json", json.dumps(advisory))
    return archive


def test_a_vulnerable_requirement_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = write(tmp_path, build_advisory({"introduced": "0"}, {"fixed": "99.1"}))

    assert main(["--advisories", str(archive)]) == VULNERABLE
    assert f"django {DJANGO}: TEST-1 Lets anybody in. (fixed in 99.1)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "advisory",
    [
        build_advisory({"introduced": "0"}, {"fixed": "1.0"}),
        build_advisory({"introduced": "0"}, {"fixed": "99.1"}, name="nothing-of-ours"),
        build_advisory({"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z"),
    ],
    ids=["mended", "another package", "withdrawn"],
)
def test_all_else_passes(advisory: dict[str, Any], tmp_path: Path) -> None:
    """The control."""
    assert main(["--advisories", str(write(tmp_path, advisory))]) == 0


@pytest.mark.parametrize(
    ("version", "events", "is_affected"),
    [
        ("1.0", [{"introduced": "0"}], True),
        ("1.9", [{"introduced": "1.0"}, {"fixed": "1.10"}], True),
        ("1.10", [{"introduced": "1.0"}, {"fixed": "1.10"}], False),
        ("0.9", [{"introduced": "1.0"}, {"fixed": "1.10"}], False),
        ("1.5", [{"introduced": "1.0"}, {"last_affected": "1.5"}], True),
        ("1.5.1", [{"introduced": "1.0"}, {"last_affected": "1.5"}], False),
        ("2.1", [{"introduced": "2.0"}, {"fixed": "2.2"}, {"introduced": "0"}, {"fixed": "1.2"}], True),
        ("1.5", [{"introduced": "2.0"}, {"fixed": "2.2"}, {"introduced": "0"}, {"fixed": "1.2"}], False),
    ],
)
def test_versions_are_compared_as_versions(
    version: str, events: list[dict[str, str]], is_affected: bool
) -> None:
    found = find_vulnerable({"django": {version}}, [build_advisory(*events)])

    assert bool(found) is is_affected


def test_a_list_of_versions_counts_as_well() -> None:
    advisory = build_advisory()
    advisory["affected"][0]["versions"] = ["1.0", "1.1"]

    assert [one.version for one in find_vulnerable({"django": {"1.1", "1.2"}}, [advisory])] == ["1.1"]


def test_what_is_accepted_needs_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = write(tmp_path, build_advisory({"introduced": "0"}))
    accepted = tmp_path / "accepted.txt"
    monkeypatch.setattr(audit_dependencies, "ACCEPTED", accepted)
    accepted.write_text("# none\nTEST-1 Kassa does not use that part.\n")
    assert main(["--advisories", str(archive)]) == 0

    accepted.write_text("TEST-1\n")
    with pytest.raises(ValueError, match="say why TEST-1 is accepted"):
        read_accepted(accepted)


def test_without_data_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = str(tmp_path / "nowhere.zip")

    assert main(["--advisories", nowhere]) == WITHOUT_DATA
    assert main(["--advisories", nowhere, "--skip-without-data"]) == 0
    assert capsys.readouterr().out.count("Skipped: ") == 2


def test_everything_that_is_installed_is_compared() -> None:
    """Each file of pins is read whole: what pip installs from it is there."""
    pins = read_pins(PINNED)

    for file in PINNED:
        for line in file.read_text().splitlines():
            if "==" in line:
                assert line.partition("==")[0].partition("[")[0] in pins
    assert all(pins.values())
