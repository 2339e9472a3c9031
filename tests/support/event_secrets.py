"""Looking through all events for what would let their reader in: whole codes and links that work."""

from __future__ import annotations

import re

from kassa.core.errors import NotFound
from kassa.core.models import OutboxEvent
from kassa.orders.models import Ticket
from kassa.tickets.domain.links import parse_token
from kassa.tickets.models import FormerCode

UNMISTAKABLE = 8
"""Letters of a code from which on it is looked for anywhere; a shorter one only where a code stands."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{60,}")


def find_secrets() -> list[str]:
    """Return the codes and the tokens of links that stand whole in an event, each as often as it does."""
    codes = {*Ticket.unscoped.values_list("code", flat=True)}
    codes |= {*FormerCode.unscoped.values_list("code", flat=True)}
    envelopes = OutboxEvent.unscoped.order_by("position").values_list("envelope", flat=True)
    return [secret for envelope in envelopes for secret in _secrets_of(envelope, codes)]


def _secrets_of(envelope: str, codes: set[str]) -> list[str]:
    found = [code for code in codes if _is_written(code, envelope)]
    return found + [run for run in TOKEN.findall(envelope) if _is_token(run)]


def _is_written(code: str, envelope: str) -> bool:
    return (code if len(code) >= UNMISTAKABLE else f'code":"{code}"') in envelope or f"…{code}" in envelope


def _is_token(text: str) -> bool:
    try:
        parse_token(text)
    except NotFound:
        return False
    return True
