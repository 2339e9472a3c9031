"""One owner per data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from kassa.data_folder import make_data_folder
from kassa.runtime.errors import CannotStart, DataFolderInUse


class FolderLock:
    """A lock on a file beside the database; the system drops it when its holder ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Say whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock at once; raises DataFolderInUse, or CannotStart when the folder is not writable."""
        if self._descriptor is not None:
            return
        try:
            make_data_folder(self._path.parent)
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotStart(
                f"The data folder {self._path.parent} cannot be written to ({error.strerror}). "
                "Set KASSA_DATA_DIR to a folder that can."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise DataFolderInUse(
                f"The data folder {self._path.parent} is already in use by another Kassa. Stop that one, "
                "or set KASSA_DATA_DIR (and KASSA_PORT) to others."
            ) from None
        self._descriptor = descriptor

    def is_held_by_another(self) -> bool:
        """Say whether a living process holds it now; no file, no holder. Nothing is made or kept."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return not self.is_held
        else:
            return False
        finally:
            os.close(descriptor)

    def release(self) -> None:
        """Give the lock back; the file stays, since removing it would let two hold "the" lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
