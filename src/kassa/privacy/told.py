"""What was told of a person in events that programs read: the same events, about nobody."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import orjson

from kassa.core.personal_data import NOBODY

EMPTIED: dict[str, Any] = {
    "user": None,
    "reference": None,
    "first_name": "",
    "last_name": "",
    "name": "",
    "phone": "",
    "address": None,
    "additional_fields": {},
    "fields": {},
}
"""What stands beside an e-mail address and says whose it is."""
OF_THE_BUYER: dict[str, Any] = {"answers": {}, "shipping_address": None, "billing_address": None, "notes": ""}


def without_person(envelope: str, emails: Collection[str]) -> str:
    """Return an event in which nothing says any more who has these addresses."""
    document = orjson.loads(envelope)
    _empty(document, emails)
    text = orjson.dumps(document).decode()
    for email in emails:
        text = re.sub(re.escape(email), NOBODY, text, flags=re.IGNORECASE)
    return text


def _empty(part: Any, emails: Collection[str]) -> None:
    if isinstance(part, list):
        for one in part:
            _empty(one, emails)
    if not isinstance(part, dict):
        return
    customer = part.get("customer")
    if isinstance(customer, dict) and _theirs(customer, emails):
        part.update({key: value for key, value in OF_THE_BUYER.items() if key in part})
        for item in part.get("items") or ():
            item.update({key: {} for key in ("metadata",) if key in item})
        for ticket in part.get("tickets") or ():
            holder = ticket.get("attendee")
            if isinstance(holder, dict) and not holder.get("email"):
                holder.update({key: value for key, value in EMPTIED.items() if key in holder})
    for beginning in _theirs(part, emails):
        part.update({key: value for key, value in _emptied(beginning).items() if key in part})
    for one in part.values():
        _empty(one, emails)


def _theirs(part: dict[str, Any], emails: Collection[str]) -> list[str]:
    """Return how the names begin under which an address of theirs stands: ``from_`` of ``from_email``."""
    return [
        key.removesuffix("email")
        for key, value in part.items()
        if key.endswith("email") and isinstance(value, str) and value.lower() in emails
    ]


def _emptied(beginning: str) -> dict[str, Any]:
    return EMPTIED if not beginning else {f"{beginning}name": "", "message": ""}
