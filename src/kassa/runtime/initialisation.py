"""Making the data folder of the embedded PostgreSQL, once."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from kassa.runtime.binaries import SHARED_FOLDER, Binaries
from kassa.runtime.errors import CannotStart, OtherPostgresVersion
from kassa.runtime.server_user import ServerUser

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
"""For the server and its tools: no PG… variable of the caller may change what they do."""

ROLES = """\
CREATE ROLE kassa LOGIN CREATEDB;
GRANT pg_monitor TO kassa;
CREATE DATABASE kassa OWNER kassa;
"""


def check_version(data_dir: Path, *, binaries: Binaries) -> bool:
    """Say whether a data folder holds a database of this version; False when it has to be made.

    Raises OtherPostgresVersion, or CannotStart for a folder with other things in it.
    """
    if data_dir.is_symlink() and not data_dir.exists():
        raise CannotStart(
            f"The database folder {data_dir.readlink()}, which {data_dir} points to, is not there. "
            f"Put it back, or delete {data_dir} to start with an empty database."
        )
    if not data_dir.exists():
        return False
    try:
        version = (data_dir / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        if any(data_dir.iterdir()):
            raise CannotStart(
                f"The folder {data_dir} holds files, but no database. Move them away, or set "
                "KASSA_DATA_DIR to another folder."
            ) from None
        return False
    except NotADirectoryError:
        raise CannotStart(f"{data_dir} is a file; Kassa needs a folder of that name.") from None
    if version != binaries.major:
        raise OtherPostgresVersion(
            f"The database folder {data_dir} was written by PostgreSQL {version}, and this Kassa brings "
            f"PostgreSQL {binaries.major}. Nothing was changed. Use the Kassa that wrote it (dump the "
            "database there and load it here), or set KASSA_DATA_DIR to another folder."
        )
    return True


def initialise(
    data_dir: Path,
    *,
    binaries: Binaries,
    server_user: ServerUser,
    settings: Mapping[str, str],
    shared_folder: Path = SHARED_FOLDER,
) -> None:
    """Make a data folder with the database and the role `kassa`; it appears whole or not at all.

    Where the server's user cannot enter the parent folder, the cluster is made in a new folder
    below `shared_folder`, and the data folder is a link to it.
    """
    _remove_leftovers(data_dir)
    is_elsewhere = not server_user.can_enter(data_dir.parent)
    if is_elsewhere:
        shared_folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        target = shared_folder / f"cluster-{secrets.token_hex(8)}"
    else:
        target = data_dir.with_name(f"{data_dir.name}.new-{secrets.token_hex(4)}")
    try:
        target.mkdir(mode=0o700)
        server_user.give(target)
        _run_initdb(target, binaries=binaries, server_user=server_user, settings=settings)
        if is_elsewhere:
            if data_dir.exists():
                data_dir.rmdir()  # it is empty: `check_version` has looked
            data_dir.symlink_to(target)
        else:
            target.rename(data_dir)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise


def _run_initdb(
    target: Path, *, binaries: Binaries, server_user: ServerUser, settings: Mapping[str, str]
) -> None:
    initdb = [str(binaries.program("initdb")), "--pgdata", str(target), "--username=postgres"]
    # The builtin provider sorts alike on every system and needs no locale to be installed.
    initdb += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb += ["--auth-local=peer", "--auth-host=reject"]
    single = [str(binaries.program("postgres")), "--single", "-D", str(target), "postgres"]
    if settings.get("fsync") == "off":
        initdb.append("--no-sync")
        single[2:2] = ["-c", "fsync=off"]
    _run(initdb, server_user=server_user)
    _run(single, server_user=server_user, commands=ROLES)


def _run(command: list[str], *, server_user: ServerUser, commands: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - our own binaries
        command,
        input=commands,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=ENVIRONMENT,
        umask=0o077,
        # Out of reach of a Ctrl-C, which would leave its half-made files behind.
        start_new_session=True,
        check=False,
        **server_user.credentials,
    )
    # In single-user mode a failed statement is only reported, not an exit code.
    if done.returncode != 0 or "ERROR:" in done.stdout:
        raise CannotStart(
            f"The database could not be made; {Path(command[0]).name} said:\n{done.stdout.strip()}"
        )


def _remove_leftovers(data_dir: Path) -> None:
    """Remove folders of an earlier start that was interrupted while making the database."""
    for leftover in data_dir.parent.glob(f"{data_dir.name}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
