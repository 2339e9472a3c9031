"""Whose web process is it that has the port?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from kassa.runtime.database import cluster_folder
from kassa.runtime.errors import CannotStart
from kassa.runtime.folder_lock import FolderLock


@contextlib.contextmanager
def holding_port(data_dir: Path, port: int) -> Iterator[None]:
    """Mark the port as held by a web process of this data folder, for as long as it or a fork of it lives.

    The mark is only for whoever starts next: without it (the folder cannot be written to, or several
    web processes share it) everything runs all the same.
    """
    lock = _web_lock(data_dir, port)
    with contextlib.suppress(CannotStart):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def has_lost_web(data_dir: Path, port: int) -> bool:
    """Say whether a web process of this data folder has the port while nobody watches over it any more."""
    supervisor = FolderLock(cluster_folder(data_dir).with_suffix(".lock"))
    return _web_lock(data_dir, port).is_held_by_another() and not supervisor.is_held_by_another()


def _web_lock(data_dir: Path, port: int) -> FolderLock:
    return FolderLock(data_dir / f"web-{port}.lock")
