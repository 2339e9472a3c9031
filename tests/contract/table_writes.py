"""Which tables a module writes to: read from its SQL texts and from its calls of the ORM."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import ModuleType
from typing import Any, TypeGuard

from django.apps import apps
from django.db.models import ForeignObjectRel, Model

from tests.contract.source_code import texts

WRITING_SQL = re.compile(
    r"(?<!FOR )(?<!KEY )(?<!DO )\b"
    r"(?:UPDATE|INSERT\s+INTO|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?|COPY)"
    r"(?:\s+ONLY)?\s+\"?([a-z_]\w*|\{\}|$)"
)
UNNAMED = "{}"
"""Stands for a table whose name is put into the text."""
ROW_CALLS = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "create"}
ROW_CALLS |= {f"a{name}" for name in (*ROW_CALLS, "update", "delete")}
QUEUE = "DeliveryQueue"
"""Its rows are claimed, and given back."""
PASSED_ON = {"list", "tuple", "set", "sorted", "reversed", "iter", "next", "enumerate", "zip"}
MODELS: dict[str, type[Model]] = {model.__name__: model for model in apps.get_models()}
TABLES = {model._meta.db_table for model in apps.get_models()}

Models = set[type[Model]]
Scope = Mapping[str, list[ast.expr | Models]]


def sql_writes(tree: ast.Module) -> Iterator[str]:
    """Yield the table of each statement that writes; ``{}`` where its name is not in the text."""
    for text in texts(tree):
        for table in WRITING_SQL.findall(text):
            if table in TABLES or table in ("", UNNAMED):
                yield table or UNNAMED


def orm_writes(tree: ast.Module, names: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield table and line of each call that writes rows; ``{}`` where no model can be told.

    Args:
        tree: the syntax of a module.
        names: what the names of that module mean, as when it is imported.
    """
    if not any(_writes_rows(node) for node in ast.walk(tree)):
        return
    reader = _Reader(tree, names)
    for call, scope in _calls(tree):
        rows = call.func.value if isinstance(call.func, ast.Attribute) else call.args[0]
        models = reader.find(rows, scope)
        for table in sorted(model._meta.db_table for model in models) or [UNNAMED]:
            yield table, call.lineno


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, Scope]]:
    def walk(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.Call, Scope]]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            scope = {**scope, **_bound_in(node)}
        if _writes_rows(node):
            yield node, scope
        for child in ast.iter_child_nodes(node):
            yield from walk(child, scope)

    yield from walk(tree, _bound_in(tree))


def _writes_rows(call: ast.AST) -> TypeGuard[ast.Call]:
    """Tell calls of the ORM by their form: a dictionary is updated with an argument, a row with keywords."""
    if not isinstance(call, ast.Call):
        return False
    if not isinstance(call.func, ast.Attribute):
        return isinstance(call.func, ast.Name) and call.func.id == QUEUE
    name = call.func.attr
    if name == "delete":
        return not call.args and not call.keywords
    if name == "update":
        return not call.args and bool(call.keywords)
    return name in ROW_CALLS


def _bound_in(node: ast.AST) -> dict[str, list[ast.expr | Models]]:
    """Return what each name of a function, or of a module's own lines, may come from."""
    found: dict[str, list[ast.expr | Models]] = {}
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            found[argument.arg] = [_named_in(argument.annotation)]
    for line in _own_lines(node):
        for target, source in _bindings(line):
            for part in ast.walk(target):
                if isinstance(part, ast.Name):
                    found.setdefault(part.id, []).append(source)
    return found


def _bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.expr | Models]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            yield target, _named_in(annotation)
            if value is not None:
                yield target, value
        case ast.NamedExpr(target=target, value=source):
            yield target, source
        case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
            yield target, source
        case ast.withitem(context_expr=source, optional_vars=ast.AST() as target):
            yield target, source


def _own_lines(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            yield child
            yield from _own_lines(child)


def _named_in(annotation: ast.expr | str | None) -> Models:
    text = annotation if isinstance(annotation, str) else ast.unparse(annotation) if annotation else ""
    return {MODELS[name] for name in re.findall(r"\w+", text) if name in MODELS}


def _parts(node: ast.AST) -> Sequence[ast.expr]:
    """Return the expressions of which one is the value of this one, or stands in it."""
    match node:
        case ast.Subscript(value=value) | ast.Await(value=value) | ast.Starred(value=value):
            return (value,)
        case ast.DictComp(value=value) | ast.NamedExpr(value=value):
            return (value,)
        case ast.ListComp(elt=value) | ast.GeneratorExp(elt=value) | ast.SetComp(elt=value):
            return (value,)
        case ast.IfExp(body=one, orelse=other):
            return (one, other)
        case ast.BoolOp(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
            return values
    return ()


class _Reader:
    """Tells from which models the value of an expression comes."""

    def __init__(self, tree: ast.Module, names: Mapping[str, Any]) -> None:
        self._names = names
        self._functions = {
            node.name: node
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        self._attributes: dict[str, list[ast.expr | Models]] = {}
        for node in ast.walk(tree):
            for target, source in _bindings(node):
                name = getattr(target, "attr", None) or getattr(target, "id", None)
                if name is not None:
                    self._attributes.setdefault(name, []).append(source)

    def find(self, node: ast.AST, scope: Scope, seen: frozenset[str] = frozenset()) -> Models:
        if isinstance(node, ast.Name):
            return self._find_name(node.id, scope, seen)
        if isinstance(node, ast.Attribute):
            return self._find_attribute(node, scope, seen)
        if isinstance(node, ast.Call):
            return self._find_call(node, scope, seen)
        return self._find_any(_parts(node), scope, seen)

    def _find_any(self, sources: Iterable[ast.expr | Models], scope: Scope, seen: frozenset[str]) -> Models:
        return set(
            chain.from_iterable(
                one if isinstance(one, set) else self.find(one, scope, seen) for one in sources
            )
        )

    def _find_name(self, name: str, scope: Scope, seen: frozenset[str]) -> Models:
        if name in scope:
            return set() if name in seen else self._find_any(scope[name], scope, seen | {name})
        return _model_of(self._names.get(name))

    def _find_attribute(self, node: ast.Attribute, scope: Scope, seen: frozenset[str]) -> Models:
        if isinstance(node.value, ast.Name) and isinstance(self._names.get(node.value.id), ModuleType):
            return _model_of(getattr(self._names[node.value.id], node.attr, None))
        models = self.find(node.value, scope, seen)
        if models:
            return {other for model in models for other in _related(model, node.attr)} or models
        known = f".{node.attr}"
        if known in seen:
            return set()
        return self._find_any(self._attributes.get(node.attr, ()), scope, seen | {known})

    def _find_call(self, node: ast.Call, scope: Scope, seen: frozenset[str]) -> Models:
        if isinstance(node.func, ast.Name):
            name = node.func.id
            if name in PASSED_ON and name not in self._names:
                return self._find_any(node.args, scope, seen)
            if name in self._functions:
                return _named_in(self._functions[name].returns)
            known = self._names.get(name)
            return _model_of(known) or _returned_by(known)
        if isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and isinstance(self._names.get(owner.id), ModuleType):
                known = getattr(self._names[owner.id], node.func.attr, None)
                return _model_of(known) or _returned_by(known)
            return self.find(owner, scope, seen)
        return set()


def _related(model: type[Model], name: str) -> Models:
    """Return the model at the other end of a relation, from either side."""
    found = [field for field in model._meta.get_fields() if field.is_relation]
    return {
        field.related_model
        for field in found
        if name == (field.get_accessor_name() if isinstance(field, ForeignObjectRel) else field.name)
        and isinstance(field.related_model, type)
    }


def _model_of(known: Any) -> Models:
    return {known} if isinstance(known, type) and issubclass(known, Model) else set()


def _returned_by(known: Callable[..., Any] | None) -> Models:
    returned = getattr(known, "__annotations__", {}).get("return", "")
    return _named_in(returned if isinstance(returned, str) else str(returned))
