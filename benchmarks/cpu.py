"""How much CPU a process and everything it ever started has used, from ``/proc``."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds of CPU, user and system together."""

    web: float
    postgres: float
    load: float

    def __sub__(self, earlier: CpuTimes) -> CpuTimes:
        return CpuTimes(self.web - earlier.web, self.postgres - earlier.postgres, self.load - earlier.load)


@dataclass(frozen=True, slots=True)
class CpuClock:
    """Reads the CPU of the web processes, of a PostgreSQL server and of this process."""

    web_pid: int
    postmaster_pid: int

    def read(self) -> CpuTimes:
        seconds = tree_seconds(self.web_pid, self.postmaster_pid)
        return CpuTimes(
            web=seconds[self.web_pid], postgres=seconds[self.postmaster_pid], load=time.process_time()
        )


def tree_seconds(*roots: int) -> dict[int, float]:
    """Return for each root the CPU of it, its living descendants, and those that have ended.

    A process that has ended is in the sums of the parent that waited for it: so a PostgreSQL
    backend that is gone is still counted, through the postmaster. One that ends while we read
    could be missed in both places, so we read until nothing has come or gone meanwhile.
    """
    found = _read_all(roots)
    for _ in range(10):
        before, found = found, _read_all(roots)
        if before.keys() == found.keys():
            break
        time.sleep(0.01)
    return {root: sum(used for (owner, _), used in found.items() if owner == root) for root in roots}


def _read_all(roots: tuple[int, ...]) -> dict[tuple[int, int], float]:
    """Return the CPU of each process by its root and its own number."""
    seconds: dict[int, float] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (times := _read(entry)) is not None:
            parent, used = times
            seconds[int(entry.name)] = used
            children[parent].append(int(entry.name))
    found: dict[tuple[int, int], float] = {}
    for root in roots:
        pending = [root]
        while pending:
            pid = pending.pop()
            found[root, pid] = seconds[pid]
            pending += children.get(pid, ())
    return found


def _read(entry: Path) -> tuple[int, float] | None:
    try:
        text = (entry / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in brackets and may itself hold brackets and spaces.
    fields = text[text.rindex(b")") + 2 :].split()
    parent, user, system, children_user, children_system = (int(fields[i]) for i in (1, 11, 12, 13, 14))
    return parent, (user + system + children_user + children_system) / TICKS
