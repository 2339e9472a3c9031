"""The source of Kassa as the contracts read it: modules, their syntax, and the texts in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import kassa

ROOT = Path(kassa.__file__).parent
SOURCES = [path for path in sorted(ROOT.rglob("*.py")) if "migrations" not in path.parts]
"""Migrations lay tables and their triggers; they read and write no tenant's rows for anyone."""


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module; a variable in one is ``{}``."""
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.value
