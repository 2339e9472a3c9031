"""A change is checked by the tests that name what has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.changed_tests import find_concerned_tests

TESTS = {
    "tests/conftest.py": "",
    "tests/factories.py": "from kassa.catalog.models import Event\n",
    "tests/sales/conftest.py": "",
    "tests/sales/test_place.py": "from kassa.sales.domain.place import place_orders\n",
    "tests/sales/test_desk.py": "from kassa.sales.domain import desk\nimport tests.factories\n",
    "tests/storefront/checkout/test_page.py": "def test_page():\n    import kassa.core.money\n",
    "tests/storefront/test_styles.py": "STYLES = 'kassa.css'\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in TESTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "concerned"),
    [
        ("tests/sales/test_place.py", {"tests/sales/test_place.py"}),
        ("src/kassa/sales/domain/place.py", {"tests/sales/test_place.py"}),
        ("src/kassa/sales/domain/desk.py", {"tests/sales/test_desk.py"}),
        ("src/kassa/core/money.py", {"tests/storefront/checkout/test_page.py"}),
        ("tests/factories.py", {"tests/sales/test_desk.py"}),
        ("tests/sales/conftest.py", {"tests/sales/test_desk.py", "tests/sales/test_place.py"}),
        ("src/kassa/storefront/static/kassa.css", {"tests/storefront/test_styles.py"}),
        ("src/kassa/storefront/static/other-kassa.css", {"tests/storefront/test_styles.py"}),
        ("src/kassa/storefront/checkout/views.py", {"tests/storefront/checkout/test_page.py"}),
        ("src/kassa/storefront/checkout/templates/pay.html", {"tests/storefront/checkout/test_page.py"}),
        ("tests/sales/test_gone.py", set()),
        ("docs/words.md", set()),
    ],
)
def test_tests_that_name_what_has_changed(root: Path, changed: str, concerned: set[str]) -> None:
    assert find_concerned_tests({changed}, root) == concerned


def test_several_changes_concern_what_each_does(root: Path) -> None:
    changed = {"src/kassa/sales/domain/place.py", "src/kassa/sales/domain/desk.py"}

    assert find_concerned_tests(changed, root) == {"tests/sales/test_desk.py", "tests/sales/test_place.py"}
