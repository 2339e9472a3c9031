"""The documentation says what the code says: settings, codes, moves, roles, dependencies, links."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from kassa.api.problem_list import every_problem
from kassa.catalog.enums import EVENT_MOVES
from kassa.core.permissions import Permission
from kassa.core.rate_limits import RateLimit
from kassa.identity.enums import Role
from kassa.identity.permissions import ROLE_PERMISSIONS
from kassa.orders.enums import CANCELLABLE, FULFILMENT_MOVES, ORDER_MOVES
from kassa.payments import errors
from kassa.payments.enums import ATTEMPT_MOVES, DisputeStatus
from kassa.sales.errors import REFUSALS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "kassa"
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
THIRD_PARTY = re.compile(
    r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=\"?(?:https?:)?//[^>]*>", re.IGNORECASE
)


def section(page: str, heading: str = "") -> str:
    """Return a page of ``docs/``, or its part from a heading on to the next of the same level."""
    text = (DOCS / page).read_text()
    if not heading:
        return text
    level = heading.split(" ", 1)[0]
    after = text.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"^{level} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row in a text, without headings and rules."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [
        cells for index, cells in enumerate(found)
        if not _is_rule(cells) and not (index + 1 < len(found) and _is_rule(found[index + 1]))
    ]  # fmt: skip


def _is_rule(cells: list[str]) -> bool:
    return all(cell and not cell.strip("-:") for cell in cells)


def named(text: str) -> list[str]:
    """Return what stands in code marks."""
    return re.findall(r"`([^`]+)`", text)


def first_column(text: str) -> list[str]:
    """Return the names in code marks in the first cells of all table rows."""
    return [name for cells in rows(text) for name in named(cells[0])]


def _environment_names(tree: ast.AST) -> Iterator[str | ast.expr]:
    """Yield what a module asks ``os.environ`` for: a text, or the expression that stands for it."""
    for node in ast.walk(tree):
        asked: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            is_read = node.func.attr in ("get", "setdefault", "pop") and _is_environ(node.func.value)
            asked = node.args[0] if is_read or node.func.attr == "getenv" else None
        elif isinstance(node, ast.Subscript) and _is_environ(node.value):
            asked = node.slice
        elif isinstance(node, ast.Compare) and any(_is_environ(each) for each in node.comparators):
            asked = node.left
        if asked is not None:
            is_text = isinstance(asked, ast.Constant) and isinstance(asked.value, str)
            yield asked.value if is_text else asked  # type: ignore[attr-defined]


def _is_environ(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ"


def environment_variables() -> set[str]:
    """Return the names of all environment variables that the source reads or sets."""
    trees = [ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")]
    constants = {
        target.id: node.value.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    found: set[str] = set()
    for tree in trees:
        for asked in _environment_names(tree):
            if isinstance(asked, str):
                found.add(asked)
            else:
                assert isinstance(asked, ast.Name), f"{ast.unparse(asked)} cannot be told from the source"
                found.add(constants[asked.id])
    return found


def test_settings_page_has_every_environment_variable_and_no_other() -> None:
    documented = first_column(section("operators/settings.md"))

    assert sorted(documented) == sorted(environment_variables() | set(rates()))


def rates() -> dict[str, str]:
    """Return the setting of every rate limit with its default, as it is written."""
    modules = ("kassa.urls", "kassa.runtime.front.clients", "kassa.storefront.account.adapter")
    for module in modules:  # with them every rule
        importlib.import_module(module)
    periods = {1: "second", 60: "minute", 3600: "hour", 86_400: "day"}
    declared = {name: one.default for name, one in RateLimit.declared.items() if not name.startswith("test_")}
    return {
        f"KASSA_RATE_{name.upper()}": f"{rate.count}/{periods[rate.seconds]},{rate.burst}"
        for name, rate in declared.items()
    }


def test_settings_page_has_the_default_of_every_rate_limit() -> None:
    table = rows(section("operators/settings.md", "## Rate limits"))
    documented = {named(cells[0])[0]: named(cells[1])[0] for cells in table if named(cells[0])}
    del documented["KASSA_RATE_LIMITS"]

    assert documented == rates()


def requirements() -> list[str]:
    lines = [
        line
        for path in sorted((ROOT / "requirements").glob("*.in"))
        for line in path.read_text().splitlines()
    ]
    names = [re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith(("#", "-"))]
    return [name.group() for name in names if name]


def test_dependencies_page_has_every_requirement_and_no_other() -> None:
    assert sorted(first_column(section("dependencies.md"))) == sorted(requirements())


def codes() -> dict[str, object]:
    """Return all problem codes with their status."""
    importlib.import_module("kassa.urls")  # with it every domain's errors
    return {str(problem["code"]): problem["status"] for problem in every_problem()}


def test_refusals_are_all_explained() -> None:
    refusals = section("developers/orders.md", "## Refusals").split("More answers,", 1)[0]

    assert first_column(refusals) == [refusal.code for refusal in REFUSALS]


@pytest.mark.parametrize(
    ("page", "heading"),
    [
        ("developers/orders.md", "## Refusals"),
        ("developers/orders.md", "## Moving"),
        ("developers/payments.md", "## What is refused"),
        ("developers/refunds.md", "## What is refused"),
        ("developers/transfers.md", "## What is refused"),
        ("developers/carts.md", ""),
        ("developers/errors.md", ""),
    ],
)
def test_explained_codes_exist(page: str, heading: str) -> None:
    known = codes()
    explained = [name for name in first_column(section(page, heading)) if re.fullmatch(r"[a-z_]+", name)]

    assert explained
    assert [name for name in explained if name not in known] == []


def test_errors_of_money_are_all_explained() -> None:
    own = {
        error.code for error in vars(errors).values() if getattr(error, "__module__", "") == errors.__name__
    }
    pages = [section(f"developers/{name}.md") for name in ("payments", "refunds", "errors")]
    explained = {name for page in pages for name in named(FENCE.sub("", page))}

    assert sorted(own - explained) == []


def test_errors_page_tells_the_right_status() -> None:
    known = codes()
    told = {
        named(cells[0])[0]: int(cells[1])
        for cells in rows(section("developers/errors.md"))
        if named(cells[0])
    }

    assert told == {code: known[code] for code in told}


def test_order_moves_are_those_of_the_code() -> None:
    table = rows(section("organisers/orders.md").split("## Where the goods are", 1)[0])
    told = {named(cells[0])[0]: set(named(cells[2])) for cells in table}

    assert told == {start.value: {end.value for end in ends} for start, ends in ORDER_MOVES.items()}


def test_moves_of_goods_are_those_of_the_code() -> None:
    table = rows(section("organisers/orders.md", "## Where the goods are"))
    told = {named(cells[0])[0]: (set(named(cells[1])), cells[2]) for cells in table}

    assert told == {
        start.value: ({end.value for end in ends}, "allowed" if start in CANCELLABLE else "refused")
        for start, ends in FULFILMENT_MOVES.items()
    }


def test_attempt_moves_are_those_of_the_code() -> None:
    table = rows(section("developers/payments.md", "## States of an attempt"))
    told = {named(cells[0])[0]: set(named(cells[2])) for cells in table}

    assert told == {start.value: {end.value for end in ends} for start, ends in ATTEMPT_MOVES.items()}


def test_event_moves_are_those_of_the_code() -> None:
    table = rows(section("organisers/index.md", "## Events"))
    words = {cells[0]: set(re.findall(r"draft|published|cancelled|completed", cells[1])) for cells in table}

    assert words == {start.value: {end.value for end in ends} for start, ends in EVENT_MOVES.items()}


def test_roles_are_those_of_the_code() -> None:
    table = rows(section("developers/authentication.md", "## Roles"))
    told = {
        Role(role): {named(cells[0])[0] for cells in table if cells[column] == "yes"}
        for column, role in enumerate(("owner", "admin", "manager", "support", "analyst"), start=1)
    }

    assert [named(cells[0])[0] for cells in table] == [permission.value for permission in Permission]
    assert told == {role: {right.value for right in rights} for role, rights in ROLE_PERMISSIONS.items()}


def test_event_types_are_those_of_the_code() -> None:
    """Those written as a text, files left out; others, such as ``order.<status>``, are told by status."""
    source = "\n".join(
        path.read_text()
        for name in ("orders", "sales", "payments", "tickets", "admission", "catalog")
        for path in (SOURCE / name).rglob("*.py")
    )
    source = re.sub(r"record_activity\([^)]*\)", "", source)  # which are no events
    written = set(
        re.findall(r"\"((?:order|ticket|payment|refund|event|checkin)\.(?!typ\b)[a-z_]+)\"", source)
    )
    told = set(first_column(section("developers/events.md")))
    moves = ("processing", "shipped", "delivered", "completed", "partially_refunded", "refunded")

    assert told == written | {f"order.{status}" for status in moves} | {
        f"dispute.{status}" for status in DisputeStatus
    }


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def relative_links(page: Path) -> Iterable[str]:
    text = FENCE.sub("", page.read_text())
    return [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_resolve(page: Path) -> None:
    broken = []
    for link in relative_links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / unquote(path)).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_documentation_builds_strictly_and_loads_nothing_from_others(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        str(tmp_path / "site"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    pages = {
        path.relative_to(tmp_path): THIRD_PARTY.findall(path.read_text()) for path in tmp_path.rglob("*.html")
    }
    assert len(pages) > len(list(DOCS.rglob("*.md")))
    assert {path: found for path, found in pages.items() if found} == {}


def test_floors_are_those_of_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = next(one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    floors = [re.findall(r"kassa\.(\w+)", layer) for layer in contract["layers"]]

    assert [
        re.findall(r"`(\w+)`", floor)
        for floor, _ in rows(section("developers/adding-a-domain.md", "## Floors"))
    ] == floors


def test_picture_of_the_floors_is_that_of_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = next(one for one in project["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    floors = [re.findall(r"kassa\.(\w+)", layer) for layer in contract["layers"]]
    picture = section("developers/architecture.md", "## Floors")

    assert [label.split("<br>") for label in re.findall(r"\[\"(.+?)\"\]", picture)] == floors
    assert " --> ".join(f"floor{number}" for number in range(len(floors))) in picture


def test_glossary_names_what_there_is() -> None:
    source = "\n".join(path.read_text() for path in SOURCE.rglob("*.py"))
    parts = re.split(r"^## ", section("developers/glossary.md"), flags=re.MULTILINE)[1:]
    names = {
        name
        for part in parts
        if not part.startswith("Words")
        for cells in rows(part)
        for name in named(cells[1])
    }

    assert len(names) > 30
    assert {
        name for name in names if not re.search(rf"^(?:def|class) {name}\b", source, re.MULTILINE)
    } == set()


def test_architecture_names_what_there_is() -> None:
    page = section("developers/architecture.md")
    names = re.findall(r"participant \w+ as (\S+)", page) + re.findall(r"`(\w+(?:\.\w+)+)`", page)

    assert len(names) > 20
    assert [name for name in names if not (name.endswith((".py", ".toml")) or _is_in_source(name))] == []


def _is_in_source(name: str) -> bool:
    """Say whether there is such a module, or such a name in a module."""
    path = SOURCE.joinpath(*name.split("."))
    module = path.parent.with_suffix(".py")
    return (
        path.is_dir()
        or path.with_suffix(".py").is_file()
        or (
            module.is_file()
            and re.search(rf"^(?:def|class) {path.name}\b", module.read_text(), re.MULTILINE) is not None
        )
    )


def test_packages_all_have_a_floor() -> None:
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    floors = re.findall(r"`(\w+)`", section("developers/adding-a-domain.md", "## Floors"))

    assert packages <= set(floors)


def test_checks_before_a_commit_are_those_of_ci() -> None:
    checks = (ROOT / "scripts" / "check").read_text()
    hooks = re.findall(
        r"name: (.+)\n +entry: \.venv/bin/(\S+)", (ROOT / ".pre-commit-config.yaml").read_text()
    )

    assert [name for name, _ in hooks] == ["ruff check", "ruff format", "prose", "import order"]
    for name, program in hooks:
        assert f'step "{name}" "$bin/{program}"' in checks


def test_makefile_lists_every_target_under_a_group() -> None:
    makefile = (ROOT / "Makefile").read_text()
    declared = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert declared is not None
    assert set(re.findall(r"^  make (\S+)", shown, re.MULTILINE)) == set(declared[1].split()) - {"help"}
    assert shown.startswith("\nUse it\n")


def test_python_says_none() -> None:
    """`null` belongs to SQL and JSON; what the API describes is JSON."""
    found = [
        str(path.relative_to(SOURCE))
        for path in sorted(SOURCE.rglob("*.py"))
        if "api" not in path.parts
        for text in _docstrings(path)
        if re.search(r"\b[Nn]ull:", text)
    ]

    assert found == []


def _docstrings(path: Path) -> Iterator[str]:
    """Return the docstrings of a module, its classes, functions and attributes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.value.value
