"""What a command is given beside what it is to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kassa.core.actor import Actor


@dataclass(frozen=True, slots=True)
class CommandContext:
    """Who acts, when and why; it travels with the transaction into the history."""

    actor: Actor
    now: datetime
    reason: str = ""
