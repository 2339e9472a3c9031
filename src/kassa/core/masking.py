"""Hiding what lets somebody in from those who may only read about it: codes of tickets, secret links."""

from __future__ import annotations

import base64
import re
from uuid import UUID

VISIBLE_LETTERS = 4
LEAST_HIDDEN = 8
"""So many letters of a code are never shown: they keep 40 bits of it secret."""

HIDDEN_TOKEN = "hidden"  # noqa: S105 (what stands in a token's place)
_TOKEN_START = 21
"""Letters of base64 that an organisation's id alone decides: 16 bytes fill 21 and a part of one more."""
_REST_OF_TOKEN = r"[A-Za-z0-9_-]{40,}"  # noqa: S105 (no password)


def mask_code(code: str) -> str:
    """Return a code of which only the end can be read; a short one is hidden whole."""
    visible = visible_end(code)
    return "•" * (len(code) - len(visible)) + visible


def mask_last_word(text: str) -> str:
    """Return a text, such as the name of a ticket, with the code at its end masked."""
    name, space, code = text.rpartition(" ")
    return f"{name}{space}{mask_code(code)}"


def visible_end(code: str) -> str:
    """Return the letters at the end of a code that may be shown: none of a short one."""
    return code[-VISIBLE_LETTERS:] if len(code) >= VISIBLE_LETTERS + LEAST_HIDDEN else ""


def mask_links(text: str, organization_id: UUID) -> str:
    """Hide the token of each secret link to an organisation's orders, tickets and offers.

    Such a token begins with the organisation's id in base64, whatever host and page it is for.
    """
    start = base64.urlsafe_b64encode(organization_id.bytes)[:_TOKEN_START].decode()
    if start not in text:
        return text
    return re.sub(re.escape(start) + _REST_OF_TOKEN, HIDDEN_TOKEN, text)
