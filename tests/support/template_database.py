"""A database with all tables, laid once for the whole run and copied wherever a fresh one is needed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kassa.runtime.cluster import Cluster

VARIABLE = "KASSA_TESTS_TEMPLATE"
"""Names the folder to the processes of one run."""
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
MIGRATE_SECONDS = 240


def make_room() -> None:
    """Make the folder, in the process that the others are started from."""
    folder = Path(tempfile.mkdtemp(prefix="kassa-template-"))
    folder.chmod(0o711)  # the database's own user has to get through
    os.environ[VARIABLE] = str(folder)


def clear_room() -> None:
    shutil.rmtree(os.environ.pop(VARIABLE), ignore_errors=True)


def copy_migrated(data_dir: Path) -> None:
    """Put a stopped cluster with all tables and no rows at a place where there is none yet."""
    room = Path(os.environ[VARIABLE])
    template = room / "postgres"
    with (room / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (room / "done").exists():
            _migrate(template)
            (room / "done").touch()
    subprocess.run(["cp", "-a", str(template.resolve()), str(data_dir)], check=True, timeout=60)


def _migrate(data_dir: Path) -> None:
    cluster = Cluster(data_dir, QUICK)
    cluster.start()
    try:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KASSA_")}
        subprocess.run(
            [sys.executable, "-m", "kassa", "migrate"],
            env={**kept, "DATABASE_URL": cluster.url, "KASSA_DATA_DIR": str(data_dir.parent)},
            check=True,
            timeout=MIGRATE_SECONDS,
            capture_output=True,
        )
    finally:
        cluster.stop()
