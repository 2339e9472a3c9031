"""Where the embedded PostgreSQL listens: a socket in a folder that only its user can enter."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kassa.runtime.errors import CannotStart
from kassa.runtime.server_user import ServerUser

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_PATH = 107
"""In bytes; the system's address structure has room for no more (103 on macOS)."""


def choose_socket_folder(data_dir: Path, *, server_user: ServerUser) -> tuple[Path, bool]:
    """Return the folder for the socket, and whether it was made for this run only.

    It is the data folder, whose path may be too long for a socket; then a short private folder.
    """
    if _fits(data_dir) and "," not in str(data_dir):
        return data_dir, False
    run_folder = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR")
    for parent in (run_folder, "/tmp"):  # noqa: S108 - a folder with a random name is made in it
        if not parent or not os.access(parent, os.W_OK) or not server_user.can_enter(Path(parent)):
            continue
        folder = Path(tempfile.mkdtemp(prefix="kassa-", dir=parent))
        if _fits(folder):
            server_user.give(folder)
            return folder, True
        folder.rmdir()
    raise CannotStart(
        f"The path {data_dir} is too long for a socket, and no short folder can be made in /tmp. "
        "Set KASSA_DATA_DIR to a shorter path."
    )


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_PATH
