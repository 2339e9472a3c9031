"""On what it was measured."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("django", "django-ninja", "granian", "psycopg", "pydantic")


def describe_machine(data_dir: Path) -> dict[str, Any]:
    """Return what a reader needs to know to compare; no names and no paths."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "processor": _first_field(Path("/proc/cpuinfo"), "model name"),
        "memory": _memory(),
        "load_at_start": os.getloadavg()[0],
        "file_system": _file_system(data_dir.resolve()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "settings": {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("KASSA_WEB_", "KASSA_SALE_")) or name == "KASSA_DATABASE_POOL"
        },
    }


def _memory() -> str:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 1024**3:.0f} GiB"


def _first_field(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _file_system(folder: Path) -> str:
    """Return the type of the file system that the database is on."""
    mounts = [line.split(" ") for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [mount for mount in mounts if folder.is_relative_to(mount[1])]
    return max(holding, key=lambda mount: len(mount[1]))[2] if holding else ""
