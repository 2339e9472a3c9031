"""Every command names its actor, its right and what it has done: the functions themselves are read."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

import kassa
import kassa.urls  # registers the converters of addresses
from kassa.api.application import api
from kassa.api.auth import Requires
from kassa.core.activity_log import record_activity
from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import AnyCommand, Command, command
from kassa.core.permissions import Permission

ROOT = Path(kassa.__file__).parent
FACES = ("api", "storefront", "checkin", "mailbox", "demo", "cli")
WRITES = frozenset({"create", "save", "update", "delete", "bulk_create", "bulk_update", "update_or_create"})
ROWS = frozenset({"objects", "unscoped", "filter", "of"})
SQL_WRITE = re.compile(r"\b(?:INSERT INTO|UPDATE \w+|DELETE FROM|COPY \w+ \()")

OWN_RULES: dict[str, str] = {
    "identity.accept_invitation": "the invitation says who may; they have no right here yet",
    "identity.decline_invitation": "whoever has the link may, even without an account",
    "identity.hand_over_ownership": "an owner about their own ownership",
    "identity.leave_organization": "a member about their own membership",
    "organizations.trust_domain": "the operator alone",
    "payments.cancel_unpaid": "the buyer alone, of what is not paid",
    "payments.refresh_attempt": "it asks the provider and believes nobody else",
    "payments.return_tickets": "the buyer alone, by the organiser's rules",
}
"""Commands that need no right: what their own rules ask instead."""

_OF_A_CART = "a cart is a buyer's own until it is an order, which has its history"
_OF_A_PAYMENT = "the attempt itself is the record, with its order's history"

_OF_A_SCAN = "a scan is its own record, with who scanned"

UNLOGGED: dict[str, str] = {
    "admission.record_batch": _OF_A_SCAN,
    "admission.record_download": "it writes into the security log, and does nothing else",
    "admission.record_scan": _OF_A_SCAN,
    "admission.undo_scan": _OF_A_SCAN,
    "notifications.unsubscribe": "whoever reads the mail stops it; the suppressed address is the record",
    "organizations.request_check": "it only has the worker look; what is found stands in the security log",
    "payments.refresh_attempt": "what the provider says is recorded with the payment",
    "payments.open_attempt": _OF_A_PAYMENT,
    "payments.retry_payment": _OF_A_PAYMENT,
    **dict.fromkeys(
        [
            "sales.abandon_cart",
            "sales.change_item",
            "sales.choose",
            "sales.choose_cart_again",
            "sales.choose_order_again",
            "sales.extend_cart",
            "sales.open_cart",
            "sales.order_cart",
            "sales.put_items",
            "sales.remove_coupon",
            "sales.remove_item",
            "sales.set_coupon",
            "sales.set_customer",
        ],
        _OF_A_CART,
    ),
}
"""Commands that write no entry: where it is recorded instead."""

_KEY = "the signing key is made when it is first needed"
_ACCOUNT = "a person's own account, which is of no organisation"
_LOG = "the security log itself"
_ROOM = "a visitor in the queue, whom nobody knows"

NO_COMMANDS: dict[str, str] = {
    "admission.enrol_device": "the code tells whose device it is; there is no actor yet",
    "identity.authenticate_api_key": "it notes that the key was used",
    "identity.begin_account": _ACCOUNT,
    "identity.change_person": _ACCOUNT,
    "identity.disconnect_unproven": _ACCOUNT,
    "identity.join_organization": "a part of accepting an invitation, which the demonstration does at once",
    "identity.keep_address": _ACCOUNT,
    "identity.prove_person": _ACCOUNT,
    "identity.record_refusal": _LOG,
    "identity.record_security_event": _LOG,
    "identity.see_person": _ACCOUNT,
    "identity.write_account_mail": _ACCOUNT,
    "invoices.credit_note_of_refund": "a document is issued when it is first asked for, by whomever",
    "invoices.invoice_of_order": "a document is issued when it is first asked for, by whomever",
    "notifications.attached_files": _KEY,
    "orders.keep_upload": "a file of nobody's until an order claims it",
    "organizations.create_organization": "there is nobody in it yet; it is logged as the operator's doing",
    "payments.receive_webhook": "the provider speaks, and its signature is checked",
    "sales.count_cart": "a part of what is done to a cart: whose it is",
    "sales.limit_coupon_tries": "counted for a limit",
    "sales.place_orders": "a batch: each request names its actor",
    "sales.release_overdue": "time itself; the demonstration lets it pass",
    "tickets.apple_pass": _KEY,
    "tickets.google_wallet_link": _KEY,
    "tickets.make_first_key": _KEY,
    "tickets.qr_png": "it saves a picture, into memory",
    "tickets.signing_key": _KEY,
    "tickets.tickets_pdf": _KEY,
    "waiting.enter": _ROOM,
    "waiting.extend_pass": _ROOM,
    "waiting.join_line": _ROOM,
    "waiting.kept_room": _ROOM,
    "waiting.require_pass": _ROOM,
    "waiting.use_up_passes": _ROOM,
}
"""What faces call of a domain that writes and is no command: why there is nobody to name."""


@cache
def commands() -> dict[str, AnyCommand]:
    """Return every command there is, by its name with the package it is of."""
    return {
        f"{module.__name__.split('.')[1]}.{name}": found
        for module in _domain_modules()
        for name, found in vars(module).items()
        if isinstance(found, Command) and found.__module__ == module.__name__
    }


def _domain_modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages([str(ROOT)], "kassa."):
        if ".domain." in info.name and not info.ispkg:
            yield importlib.import_module(info.name)


def _code_of(function: Any) -> tuple[CodeType, dict[str, Any]] | None:
    function = inspect.unwrap(function.run if isinstance(function, Command) else function)
    return (function.__code__, function.__globals__) if isinstance(function, FunctionType) else None


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a function's code and that of the functions within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _called(function: Any) -> Iterator[Any]:
    """Yield what a function uses of Kassa: functions, methods of classes, and functions of modules."""
    found = _code_of(function)
    if found is None:
        return
    code, names = found
    used = [name for one in _codes(code) for name in one.co_names]
    for name in used:
        value = names.get(name)
        if isinstance(value, ModuleType):
            yield from (vars(value)[other] for other in used if other in vars(value))
        elif isinstance(value, type):
            yield from (member for member in vars(value).values() if isinstance(member, FunctionType))
        elif value is not None:
            yield value


def reachable(function: Any) -> set[Any]:
    """Return the functions of Kassa that a function calls, and those that they call."""
    reached: set[Any] = set()
    open_ones = [function]
    while open_ones:
        one = open_ones.pop()
        key = one.run if isinstance(one, Command) else one
        if not isinstance(key, FunctionType) or key in reached or not key.__module__.startswith("kassa."):
            continue
        reached.add(key)
        open_ones.extend(_called(one))
    return reached


def is_writing(function: Any) -> bool:
    """Say whether a function itself writes rows, by the ORM or by a statement."""
    found = _code_of(function)
    if found is None:
        return False
    code, names = found
    used = {name for one in _codes(code) for name in one.co_names}
    texts = [text for one in _codes(code) for text in one.co_consts if isinstance(text, str)]
    texts += [names[name] for name in used if isinstance(names.get(name), str)]
    return bool(used & WRITES and used & ROWS) or "save" in used or any(map(SQL_WRITE.search, texts))


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_command_takes_its_context_first(name: str) -> None:
    first = next(iter(inspect.signature(commands()[name].run, eval_str=True).parameters.values()))

    assert first.annotation is CommandContext


def test_a_command_without_a_right_has_rules_of_its_own() -> None:
    assert {name for name, one in commands().items() if one.permission is None} == set(OWN_RULES)


def test_a_command_writes_into_the_activity_log() -> None:
    silent = {name for name, one in commands().items() if record_activity not in reachable(one)}

    assert silent == set(UNLOGGED)


def _face_uses() -> dict[str, FunctionType]:
    """Return the functions of domains that faces use and that are no commands, by package and name."""
    used: dict[str, FunctionType] = {}
    for info in pkgutil.walk_packages([str(ROOT)], "kassa."):
        if info.name.split(".")[1] not in FACES or info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        for value in vars(module).values():
            home = getattr(value, "__module__", None) or ""
            if ".domain" in home and home.split(".")[1] not in FACES and isinstance(value, FunctionType):
                used[f"{home.split('.')[1]}.{value.__name__}"] = value
    return used


def test_what_faces_call_that_writes_is_a_command() -> None:
    writers = {
        name for name, value in _face_uses().items() if any(is_writing(one) for one in reachable(value))
    }

    assert writers == set(NO_COMMANDS)


def test_operations_need_the_right_of_the_command_they_call() -> None:
    """An operation whose view calls commands asks for the right that one of them declares."""
    differing = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                code, names = operation.view_func.__code__, operation.view_func.__globals__
                called = [names.get(name) for name in code.co_names]
                rights = {one.permission for one in called if isinstance(one, Command)} - {None}
                asked = {one.permission for one in operation.auth_callbacks if isinstance(one, Requires)}
                if rights and not rights & asked:
                    differing.append((operation.methods, f"{prefix}{path}", asked, rights))
    assert differing == []


@command(Permission.OFFER_WRITE, or_kinds=[ActorKind.SYSTEM])
def _silent(context: CommandContext) -> None:
    """Change something, and say nothing about it."""
    str(context)


def _speaking(context: CommandContext) -> None:
    record_activity(context, "thing.changed", ("thing", None))


def test_control_a_command_that_writes_nothing_is_seen() -> None:
    assert record_activity not in reachable(_silent)


def _by_statement() -> str:
    return "UPDATE orders_order SET notes = ''"


def test_control_a_writer_is_seen() -> None:
    assert is_writing(_by_statement)
    assert not is_writing(_silent)
