"""What `kassa serve` says when it is ready."""

from __future__ import annotations

import json
import shlex
from typing import Any


def announcement(base_url: str, *, demo: dict[str, Any] | None, mailbox: str | None = None) -> str:
    """Return the block of text with the addresses and, where there is a demo, how to place an order.

    ``mailbox`` is where kept messages are read; null where they are sent.
    """
    lines = [
        "",
        "Kassa is ready.",
        "",
        f"  Shops           {base_url}/",
        f"  API reference   {base_url}/api/v1/docs",
    ]
    if mailbox is not None:
        lines.append(f"  Mailbox         {mailbox}")
    if demo is not None and (key := _first_key(demo)):
        lines.append(f"  Demo API key    {key}")
    if demo is not None and (command := order_command(demo, base_url=base_url)):
        lines += ["", "Place an order:", "", command]
    return "\n".join([*lines, "", "Stop it with Ctrl-C.", ""])


def order_command(demo: dict[str, Any], *, base_url: str | None = None) -> str | None:
    """Return a `curl` line that orders two tickets; None when the demo has nothing on sale.

    Its idempotency key is the moment it runs, so that running it again places another order.
    """
    for organization in demo.get("organizations", []):
        for event in organization.get("events", []):
            for ticket_type in event.get("ticket_types", []):
                address = base_url or demo.get("base_url", "")
                return _curl(address, key=organization["api_key"], ticket_type=str(ticket_type["id"]))
    return None


def _curl(base_url: str, *, key: str, ticket_type: str) -> str:
    body = {
        "lines": [{"ticket_type": ticket_type, "quantity": 2}],
        "customer": {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"},
    }
    return " \\\n".join(
        [
            f"curl -X POST {shlex.quote(base_url + '/api/v1/orders')}",
            f"  -H {shlex.quote(f'Authorization: Bearer {key}')}",
            '  -H "Idempotency-Key: $(date +%s%N)"',
            "  -H 'Content-Type: application/json'",
            f"  -d {shlex.quote(json.dumps(body))}",
        ]
    )


def _first_key(demo: dict[str, Any]) -> str | None:
    for organization in demo.get("organizations", []):
        if key := organization.get("api_key"):
            return str(key)
    return None
