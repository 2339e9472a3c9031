"""The account: all objects by id, the events that tell of them, and their view with expanded parts."""

from __future__ import annotations

import copy
import itertools
import secrets
import time
from threading import RLock
from typing import Any

from tests.integrations.fake_stripe.errors import missing

Record = dict[str, Any]

REFERENCES = ("payment_intent", "latest_charge", "balance_transaction", "charge", "application_fee")


class Account:
    """Everything there is; a lock is held while anything changes."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.objects: dict[str, Record] = {}
        self.events: list[Record] = []
        self._numbers = itertools.count(1)

    def add(self, kind: str, prefix: str, **fields: Any) -> Record:
        """Add an object."""
        record: Record = {"id": self.new_id(prefix), "object": kind, "created": int(time.time())}
        record |= {"livemode": False, **fields}
        self.objects[record["id"]] = record
        return record

    def new_id(self, prefix: str) -> str:
        """Return an id that nothing has had."""
        return f"{prefix}_{next(self._numbers):04d}{secrets.token_hex(6)}"

    def get(self, kind: str, identifier: str) -> Record:
        """Return an object.

        Raises:
            StripeAnswer: there is none.
        """
        found = self.objects.get(identifier)
        if found is None or found["object"] != kind:
            raise missing(kind, identifier)
        return found

    def all_of(self, kind: str, **fields: Any) -> list[Record]:
        """Return the objects of a kind with these values, newest first."""
        found = [
            record
            for record in self.objects.values()
            if record["object"] == kind and all(record.get(name) == value for name, value in fields.items())
        ]
        return found[::-1]

    def tell(self, event_type: str, subject: Record, *, account: str | None = None) -> Record:
        """Write the event that an object has changed, with the object as it is now."""
        event: Record = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(time.time()),
            "data": {"object": copy.deepcopy(subject)},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": event_type,
        }
        if account:
            event["account"] = account
        self.events.append(event)
        return event

    def view(self, record: Record, expand: list[str]) -> Record:
        """Return an object as it is answered, with the parts in it that were asked for."""
        seen = copy.deepcopy(record)
        wanted: dict[str, list[str]] = {}
        for path in expand:
            first, _, rest = path.partition(".")
            wanted.setdefault(first, []).extend([rest] if rest else [])
        for name, further in wanted.items():
            if name == "refunds" and record["object"] == "charge":
                refunds = self.all_of("refund", charge=record["id"])
                seen[name] = page_of([self.view(refund, further) for refund in refunds], limit=10)
            elif name in REFERENCES and isinstance(record.get(name), str):
                seen[name] = self.view(self.objects[record[name]], further)
        return seen


def page_of(records: list[Record], *, limit: int) -> Record:
    """Return the first page of a list."""
    return {"object": "list", "data": records[:limit], "has_more": len(records) > limit, "url": "/v1/list"}
