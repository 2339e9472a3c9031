"""A kept database is used only while nothing has changed that says which tables there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.template_database import schema_fingerprint

FILES = {
    "models.py": "from django.db import models\n",
    "sales/models.py": "from kassa.core import fields, ids\n",
    "sales/migrations/0001_initial.py": "import kassa.core.tenancy\n",
    "core/fields.py": "from kassa.core.enums import (\n    Colour,\n    Size,\n)\n",
    "core/ids.py": "",
    "core/enums.py": "",
    "core/tenancy.py": "",
    "sales/desk.py": "",
}
UNRELATED = {"sales/desk.py"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_change_of_the_schema_is_seen(package: Path, name: str) -> None:
    before = schema_fingerprint(package)
    assert schema_fingerprint(package) == before

    with (package / name).open("a") as file:
        file.write("# another\n")

    assert (schema_fingerprint(package) == before) is (name in UNRELATED)


def test_new_migration_is_seen(package: Path) -> None:
    before = schema_fingerprint(package)

    (package / "sales" / "migrations" / "0002_more.py").write_text("")

    assert schema_fingerprint(package) != before
