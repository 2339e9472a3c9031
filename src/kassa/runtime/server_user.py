"""The system user that the embedded PostgreSQL runs as.

PostgreSQL refuses to run as root. Started by an ordinary user it runs as that user; started by
root it runs as the owner of the existing data folder, else as ``postgres``, else as ``nobody``.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from kassa.runtime.errors import CannotStart


class _Credentials(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class ServerUser:
    """A system user; `is_self` says that it is the one this process runs as already."""

    name: str
    uid: int
    gid: int
    is_self: bool

    @property
    def credentials(self) -> _Credentials:
        """What `subprocess` needs to start a program as this user."""
        if self.is_self:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Say whether this user can pass through a folder and all of its parents."""
        if self.is_self:
            return os.access(folder, os.X_OK)
        command = ["/usr/bin/env", "test", "-x", str(folder)]
        test = subprocess.run(command, cwd="/", check=False, **self.credentials)  # noqa: S603
        return test.returncode == 0

    def give(self, path: Path) -> None:
        """Make this user the owner of a file or folder that was just made."""
        if not self.is_self:
            os.chown(path, self.uid, self.gid)


def choose_server_user(data_dir: Path) -> ServerUser:
    """Return the user for the server of a data folder, which need not exist yet.

    Raises CannotStart when this process is not root and the folder belongs to somebody else, or
    when the user id has no name (PostgreSQL needs one).
    """
    if os.geteuid() == 0:
        return _choose_for_root(data_dir)
    me = _account_of(os.geteuid())
    if data_dir.exists() and (owner := data_dir.stat().st_uid) != me.pw_uid:
        raise CannotStart(
            f"The database folder {data_dir} belongs to {_name_of(owner)}, not to {me.pw_name}. "
            "Start Kassa as its owner or as root, or set KASSA_DATA_DIR to another folder."
        )
    return ServerUser(name=me.pw_name, uid=me.pw_uid, gid=os.getegid(), is_self=True)


def _choose_for_root(data_dir: Path) -> ServerUser:
    if data_dir.exists() and (owner := data_dir.stat().st_uid) != 0:
        account = _account_of(owner)
        return ServerUser(name=account.pw_name, uid=account.pw_uid, gid=account.pw_gid, is_self=False)
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(name=name, uid=account.pw_uid, gid=account.pw_gid, is_self=False)
    raise CannotStart(
        "PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody. "
        "Start Kassa as an ordinary user, or set DATABASE_URL."
    )


def _account_of(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise CannotStart(
            f"The user id {uid} has no name on this machine, and PostgreSQL needs one. "
            "Add it to /etc/passwd, start Kassa as another user, or set DATABASE_URL."
        ) from None


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"
