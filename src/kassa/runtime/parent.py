"""Ending with the parent, so that nobody holds the port after it was killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PARENT_VARIABLE = "KASSA_SUPERVISOR_PID"
"""Tells a child which process watches over it."""

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int | None = None) -> None:
    """Ask the system to end this process in order when its parent dies.

    `parent` defaults to the supervisor that the environment names; without one nothing happens. Works
    on Linux; elsewhere a killed parent leaves its children running.
    """
    if parent is None:
        parent = int(os.environ.get(PARENT_VARIABLE, "0"))
    if not parent or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        sys.exit(1)
