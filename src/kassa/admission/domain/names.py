"""What a person is called at the door, and a ticket where nobody is to come in with it."""

from __future__ import annotations

from typing import Any

from kassa.core.masking import visible_end

HOLDER_NAME = """
coalesce(nullif(btrim(concat_ws(' ', t.attendee_first_name, t.attendee_last_name)), ''),
         btrim(concat_ws(' ', o.customer_first_name, o.customer_last_name)))
"""
"""The same as :func:`holder_name`, of a ticket ``t`` and its order ``o``."""


def masked(code: str) -> str:
    """Return a code so that people can tell it from others, and nobody can come in with it."""
    return f"…{visible_end(code)}"


def holder_name(row: Any) -> str:
    """Return the name on a ticket; without one, that of who bought it."""
    name = f"{row.attendee_first_name} {row.attendee_last_name}".strip()
    return name or f"{row.customer_first_name} {row.customer_last_name}".strip()
