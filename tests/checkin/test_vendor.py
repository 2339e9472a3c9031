"""The JavaScript that is brought along: exactly what its makers published, and said so."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from kassa.checkin import shell

ROOT = Path(__file__).parents[2]
VENDOR = Path(shell.__file__).parent / "static" / "checkin" / "vendor"
PACKAGES: list[dict[str, Any]] = json.loads((VENDOR / "manifest.json").read_text())


def test_every_file_is_the_one_that_was_fetched() -> None:
    named = {file["path"]: file["sha256"] for package in PACKAGES for file in package["files"]}
    there = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }

    assert there == named


def test_every_package_is_pinned_and_brings_its_licence() -> None:
    for package in PACKAGES:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
        [licence] = [file["path"] for file in package["files"] if file["path"].endswith("LICENSE")]
        assert f"{package['licence']} License" in (VENDOR / licence).read_text()


def test_the_dependencies_page_tells_of_them() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text()

    for package in PACKAGES:
        assert f"{package['name']} {package['version']}" in text
