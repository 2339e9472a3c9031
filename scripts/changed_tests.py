"""Prints the test files that a change concerns: ``python -m scripts.changed_tests [BRANCH]``.

Concerned are test files that were changed themselves, and those that name a changed file: a module by its
import, anything else (a template, a style sheet, a document) by its name. What no test file names is tested
through something else, so those in the folder that mirrors its own are concerned. Changed is what differs
from the branch (``main``), committed or not.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = {"src/kassa": "kassa", "tests": "tests", "benchmarks": "benchmarks", "scripts": "scripts"}
"""Where modules lie, and what the names of those begin with."""


def main() -> None:
    branch = sys.argv[1] if len(sys.argv) > 1 else "main"
    tests = find_concerned_tests(find_changed_files(branch))
    sys.stdout.write("".join(f"{path}\n" for path in sorted(tests)))


def find_changed_files(branch: str) -> set[str]:
    """Return the files that differ from where the branch was left, new ones too."""
    base = _git("merge-base", branch, "HEAD")[0]
    return {*_git("diff", "--name-only", base), *_git("ls-files", "--others", "--exclude-standard")}


def find_concerned_tests(changed: Iterable[str], root: Path = ROOT) -> set[str]:
    """Return the test files that a change of some files concerns."""
    tests = _list_tests(root)
    concerned: set[str] = set()
    for path in changed:
        naming = {test for test in tests if test == path or _names(root, test, path)}
        concerned |= naming or {test for test in tests if Path(test).parent == _find_mirror(root, path)}
    return concerned


def _names(root: Path, test: str, path: str) -> bool:
    if Path(path).name == "conftest.py":
        return Path(path).parent in Path(test).parents
    module = _build_module_name(path)
    if module is not None:
        return module in _list_imports(root / test)
    name = path if "." not in Path(path).name else Path(path).name
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", _read(root / test)) is not None


def _find_mirror(root: Path, path: str) -> Path | None:
    """Return the folder of the tests that mirrors that of a source file; None: it is no source."""
    if not path.startswith("src/kassa/"):
        return None
    folder = Path("tests", *Path(path).parent.parts[2:])
    while not (root / folder).is_dir():
        folder = folder.parent
    return folder


def _build_module_name(path: str) -> str | None:
    """Return the name that a file is imported by; None: it is no module."""
    for folder, package in SOURCES.items():
        if path.endswith(".py") and path.startswith(f"{folder}/"):
            parts = [package, *Path(path).relative_to(folder).with_suffix("").parts]
            return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return None


@cache
def _list_tests(root: Path) -> tuple[str, ...]:
    return tuple(str(path.relative_to(root)) for path in sorted((root / "tests").rglob("test_*.py")))


@cache
def _read(path: Path) -> str:
    return path.read_text()


@cache
def _list_imports(path: Path) -> frozenset[str]:
    """Return the names of all modules that a file imports, anywhere in it, and of what it takes from them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(_read(path))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return frozenset(found)


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return done.stdout.splitlines()


if __name__ == "__main__":
    main()
