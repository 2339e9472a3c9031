"""Every face stands on the same tokens, and draws no icon that the sprite has not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kassa

SOURCE = Path(kassa.__file__).parent
TOKENS = (SOURCE / "web/static/web/tokens.css").read_text()
NAMES = set(re.findall(r"(--[\w-]+):", TOKENS))
SHEETS = sorted(path for path in SOURCE.glob("**/static/**/*.css") if "vendor" not in path.parts)
PAGES = sorted(path for path in SOURCE.glob("**/templates/**/*.html"))


@pytest.mark.parametrize("sheet", SHEETS, ids=[path.name for path in SHEETS])
def test_sheet_uses_only_names_that_exist(sheet: Path) -> None:
    text = sheet.read_text()
    own = set(re.findall(r"(--[\w-]+):", text))
    used = set(re.findall(r"var\((--[\w-]+)\)", text))

    assert used <= NAMES | own | {"--tone", "--tint"}


def test_whole_documents_are_written_by_few() -> None:
    whole = {str(path.relative_to(SOURCE)) for path in PAGES if "<!doctype html>" in path.read_text().lower()}
    pages = whole - {"notifications/templates/notifications/message.html"}

    assert pages == {
        "api/templates/api/base.html",
        "checkin/templates/checkin/index.html",
        "web/templates/web/base.html",
    }
    assert all("web/tokens.css" in (SOURCE / page).read_text() for page in pages)


def test_icons_that_pages_name_are_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (SOURCE / "web/static/web/icons.svg").read_text()))
    named = {
        name
        for path in PAGES
        for name in re.findall(r'web/_icon\.html" with name="([\w-]+)"', path.read_text())
    }

    assert named <= drawn
    assert "bag" in named
