"""The processes of this machine and which of them started which."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    running = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return sorted(other for other in running if _parent(other) == pid)


def tree_of(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    return [pid, *(other for child in children_of(pid) for other in tree_of(child))]


def stop_tree(pid: int) -> set[int]:
    """Halt a process and all its descendants, those too that start or end meanwhile; return them."""
    halted: set[int] = set()
    while running := set(tree_of(pid)) - halted:
        for one in running:
            with suppress(ProcessLookupError):  # a connection's server process that has just ended
                os.kill(one, signal.SIGSTOP)
        halted |= running
    return halted


def command_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits for its parent does not."""
    return _parent(pid) is not None


def _parent(pid: int) -> int | None:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (OSError, ValueError):
        return None
    return None if state == "Z" else int(parent)
