"""Addresses that were stored before they had one form are brought into it; migrations call this."""

from __future__ import annotations

from typing import Any

from kassa.core.email_addresses import InvalidEmailAddress, parse_email_address

USUAL = "^[!-~]+@[a-z0-9.-]*[a-z0-9]$"
"""What nearly all addresses match that are in their form already."""


def rewrite_addresses(
    cursor: Any, table: str, column: str, *, is_key: bool = False, unless: str = "false"
) -> int:
    """Write each address of a column in its one form; return how many different ones were changed.

    What is no address stays. ``is_key``: in lower case as a whole. ``unless``: a condition on the row
    ``r`` and the parameter ``%(new)s`` under which a row stays, such as another one with the same address.
    """
    cursor.execute(
        f"SELECT DISTINCT {column} FROM {table} WHERE {column} <> '' AND {column} !~ %s",  # noqa: S608 (constants)
        [USUAL],
    )
    changed = 0
    for (old,) in cursor.fetchall():
        try:
            address = parse_email_address(old)
        except InvalidEmailAddress:
            continue
        new = address.key if is_key else str(address)
        if new != old:
            cursor.execute(
                f"UPDATE {table} r SET {column} = %(new)s "  # noqa: S608 (constants)
                f"WHERE {column} = %(old)s AND NOT ({unless})",
                {"new": new, "old": old},
            )
            changed += 1
    return changed
