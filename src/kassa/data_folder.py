"""The data folder, which others on the machine have no business in: keys, database and files are below it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

PRIVATE = 0o700
PASSABLE = 0o711
"""Root's: the database runs as another user, who has to get through, and sees nothing of what is there."""


def make_data_folder(folder: Path) -> None:
    """Make the folder, if it is not there, for its owner alone; one that is there stays as it is."""
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    mode = PASSABLE if os.geteuid() == 0 else PRIVATE
    folder.mkdir(mode=mode, exist_ok=True)
    folder.chmod(mode)  # whatever the umask has taken away


def is_private(folder: Path) -> bool:
    """Say whether nobody but its owner can read a folder or write into it."""
    return not stat.S_IMODE(folder.stat().st_mode) & 0o066
