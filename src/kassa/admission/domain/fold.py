"""Who is in: what a chain of accepted scans comes to, one scan after another. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kassa.admission.enums import ScanKind


@dataclass(frozen=True, slots=True)
class Step:
    """An accepted scan as it counts for who is in."""

    id: UUID
    kind: ScanKind
    at: datetime
    previous: UUID | None
    """The one that counted last before it. None: there was none."""


@dataclass(frozen=True, slots=True)
class Inside:
    """What the chain of a ticket in one area comes to."""

    turn: int = 0
    entries: int = 0
    is_inside: bool = False
    entered_at: datetime | None = None
    last: UUID | None = None
    """The last entry or exit that was not taken back."""


NOBODY = Inside()
"""Before anything was scanned."""


def after(state: Inside, step: Step) -> Inside:
    """Return what an entry or an exit makes of who is in."""
    if step.kind == ScanKind.EXIT:
        return replace(state, turn=state.turn + 1, is_inside=False, last=step.id)
    return Inside(
        turn=state.turn + 1,
        entries=state.entries + 1,
        is_inside=True,
        entered_at=state.entered_at or step.at,
        last=step.id,
    )


def without(state: Inside, undone: Step, *, before: ScanKind | None) -> Inside:
    """Return what taking back the last step makes of who is in; ``before`` is what counts last then."""
    entries = state.entries - (undone.kind == ScanKind.ENTRY)
    return Inside(
        turn=state.turn + 1,
        entries=entries,
        is_inside=before == ScanKind.ENTRY,
        entered_at=state.entered_at if entries else None,
        last=undone.previous,
    )


@dataclass(frozen=True, slots=True)
class Link:
    """One scan of a chain as it is kept."""

    id: UUID
    kind: ScanKind
    at: datetime
    undoes: UUID | None = None


def fold(chain: Iterable[Link]) -> Inside:
    """Return what a whole chain comes to, in the order of its turns."""
    state, standing = NOBODY, list[Step]()
    for link in chain:
        if link.kind == ScanKind.UNDO:
            undone = standing.pop()
            if undone.id != link.undoes:
                raise ValueError("Only the last entry or exit that counts is ever undone.")
            state = without(state, undone, before=standing[-1].kind if standing else None)
        else:
            step = Step(link.id, link.kind, link.at, standing[-1].id if standing else None)
            standing.append(step)
            state = after(state, step)
    return state
