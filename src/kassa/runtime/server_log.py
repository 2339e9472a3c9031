"""The log file of the embedded PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

LARGEST_BYTES = 10 * 1024 * 1024
"""A larger file is set aside as `….1` at the next start."""


class ServerLog:
    """A file beside the data folder that the server appends to; knows where this start began."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._start = 0

    def open(self) -> BinaryIO:
        """Open the file for a server that is about to start."""
        if self.path.exists() and self.path.stat().st_size > LARGEST_BYTES:
            self.path.rename(self.path.with_name(f"{self.path.name}.1"))
        descriptor = os.open(self.path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        self._start = os.fstat(descriptor).st_size
        return os.fdopen(descriptor, "ab")

    def tail(self, *, lines: int = 20) -> str:
        """Return the last lines that were written since this start."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._start)
                text = file.read(LARGEST_BYTES).decode(errors="replace")
        except OSError:
            return "(there is no log)"
        return "\n".join(text.splitlines()[-lines:]) or "(the server wrote nothing)"
