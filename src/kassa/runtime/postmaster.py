"""Finding the PostgreSQL server that runs on a data folder, whoever started it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PID_FILE = "postmaster.pid"
SOCKET_LOCK_FILE = ".s.PGSQL.5432.lock"
"""The same lines, beside the socket, which usually is in the data folder."""


@dataclass(frozen=True)
class Postmaster:
    """A server as its own file `postmaster.pid` describes it."""

    pid: int
    data_dir: Path
    socket_dir: Path | None
    """None while the server has not opened its socket yet."""
    is_ready: bool

    @property
    def is_alive(self) -> bool:
        """Say whether this process is there and is the server of this folder.

        After a crash the system may have given the same number to another process; a server has its
        data folder as its working directory, and one that has ended but was not waited for has none.
        """
        if not Path("/proc/self").exists():
            return _exists(self.pid)
        try:
            return Path(f"/proc/{self.pid}/cwd").samefile(self.data_dir)
        except OSError:
            return False


def read_postmaster(data_dir: Path, *, name: str = PID_FILE) -> Postmaster | None:
    """Return what the pid file of a data folder says; None without one or while it is being written."""
    try:
        lines = (data_dir / name).read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    socket_dir = Path(lines[4]) if len(lines) > 4 and lines[4] else None
    status = lines[7].strip() if len(lines) > 7 else ""
    return Postmaster(pid=pid, data_dir=data_dir, socket_dir=socket_dir, is_ready=status == "ready")


def find_running(data_dir: Path) -> Postmaster | None:
    """Return the server that runs on a data folder now, ready or not; None when there is none."""
    found = read_postmaster(data_dir)
    return found if found is not None and found.is_alive else None


def database_url(socket_dir: Path) -> str:
    """Return the address of the database `kassa` behind a socket."""
    return f"postgresql://kassa@{quote(str(socket_dir), safe='')}:5432/kassa"


def remove_foreign_pid_files(data_dir: Path) -> None:
    """Remove pid files whose number now belongs to a process that is not our server.

    PostgreSQL clears a file whose process is gone, but refuses to start while any process of its
    user has that number, as happens when a container starts again; so does one that has ended and
    that nobody has waited for.
    """
    for name in (PID_FILE, SOCKET_LOCK_FILE):
        found = read_postmaster(data_dir, name=name)
        if found is not None and not found.is_alive and _exists(found.pid):
            (data_dir / name).unlink(missing_ok=True)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
