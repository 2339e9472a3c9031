"""What was told of a person in events that programs read: the same events, about nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, get_args

import orjson

from kassa.core.event_schemas import Personal, list_fields, strip_markers
from kassa.core.event_types import get_event_type
from kassa.core.personal_data import NOBODY


def without_person(envelope: str, emails: Collection[str]) -> str:
    """Return an event in which nothing says any more who has these addresses.

    The personal fields are those that the event's type declares.
    """
    document = orjson.loads(envelope)
    _erase(get_event_type(document["type"]).payload, document["data"], (), emails)
    text = orjson.dumps(document).decode()
    for email in emails:
        text = re.sub(re.escape(email), NOBODY, text, flags=re.IGNORECASE)
    return text


def _erase(hint: Any, value: Any, around: tuple[Mapping[str, Any], ...], emails: Collection[str]) -> None:
    """Empty the personal fields of a value; ``around`` are the objects that it is in, innermost first."""
    hint, _ = strip_markers(hint)
    if isinstance(value, list):
        for one in value:
            _erase(get_args(hint)[0], one, around, emails)
    if not isinstance(value, dict):
        return
    fields = [field for kind in (hint, *get_args(hint)) for field in list_fields(kind) if field[0] in value]
    within = (value, *around)
    erased = {
        name: marker.erased
        for name, part in fields
        for marker in strip_markers(part)[1]
        if isinstance(marker, Personal) and _is_theirs(marker, within, emails)
    }
    value.update(erased)
    for name, part in fields:
        if name not in erased:
            _erase(part, value[name], within, emails)


def _is_theirs(marker: Personal, within: tuple[Mapping[str, Any], ...], emails: Collection[str]) -> bool:
    owners = [address for path in marker.owners if (address := _find_address(path, within))]
    if not owners and marker.otherwise is not None:
        owners = [_find_address(marker.otherwise, within)]
    return any(address.lower() in emails for address in owners)


def _find_address(path: str, within: tuple[Mapping[str, Any], ...]) -> str:
    """Return the address that a path leads to from the innermost object that has it, or nothing."""
    first, *rest = path.split(".")
    value: Any = next((part[first] for part in within if first in part), None)
    for name in rest:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
