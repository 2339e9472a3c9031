"""What the embedded PostgreSQL is configured with.

`postgresql.conf` is written anew at every start. What an operator sets with ``ALTER SYSTEM`` lives
in `postgresql.auto.conf` and wins.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

from kassa.runtime.server_user import ServerUser

MEBIBYTE = 1024 * 1024


def default_settings() -> dict[str, str]:
    """Return settings for a server that shares a small machine with the web processes."""
    memory = _memory_bytes() // MEBIBYTE
    return {
        "max_connections": "100",
        "shared_buffers": f"{max(32, min(memory // 4, 1024))}MB",
        "effective_cache_size": f"{max(64, memory // 2)}MB",
        "work_mem": "8MB",
        "maintenance_work_mem": f"{max(32, min(memory // 16, 256))}MB",
        # What has been answered stays answered, through a power cut.
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        # After a crash what was changed since the last checkpoint is done once more, with nobody served
        # meanwhile: this much takes two seconds on a small machine, 4 GB would take a minute.
        "max_wal_size": "384MB",
        "checkpoint_timeout": "15min",
        # Checkpoints that come often under load are meant.
        "checkpoint_warning": "0",
        "random_page_cost": "1.1",
        # Statements are small and many; compiling them costs more than it saves.
        "jit": "off",
        # Hot rows (quotas) leave dead versions behind quickly; and until a young table is analysed,
        # the checks of its references may be planned through the wrong index. Growing tables are
        # not analysed at every small step, because each time reads a sample of all of them.
        "autovacuum_naptime": "10s",
        "autovacuum_vacuum_scale_factor": "0.1",
        "autovacuum_analyze_scale_factor": "0.3",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_checkpoints": "off",
        "log_line_prefix": "'%m [%p] '",
        # A refused order is an ERROR to PostgreSQL and everyday business to Kassa, which sees it
        # anyway: without this the file would grow with every sold-out event.
        "log_min_messages": "log",
    }


def write_configuration(
    data_dir: Path, *, settings: Mapping[str, str], socket_dir: Path, server_user: ServerUser
) -> None:
    """Write postgresql.conf and who may connect: over the private socket only, known by the kernel."""
    fixed = {
        "listen_addresses": "''",
        "port": "5432",
        "unix_socket_directories": f"'{str(socket_dir).replace(chr(39), chr(39) * 2)}'",
        "unix_socket_permissions": "0700",
    }
    lines = ["# Written by Kassa at every start; use ALTER SYSTEM for settings of your own."]
    lines += [f"{name} = {value}" for name, value in {**default_settings(), **settings, **fixed}.items()]
    _write(data_dir / "postgresql.conf", lines, server_user)
    # `peer`: the kernel tells PostgreSQL who is at the other end of the socket, so that no other
    # user of the machine gets in and no password has to be kept.
    _write(data_dir / "pg_hba.conf", ["local all all peer map=kassa"], server_user)
    people = sorted({"root", server_user.name, pwd.getpwuid(os.geteuid()).pw_name})
    if not server_user.is_self:
        people.remove(server_user.name)  # `nobody` runs strangers' programs too
    roles = ("kassa", "postgres")
    identities = [f'kassa "{person}" {role}' for person in people for role in roles]
    _write(data_dir / "pg_ident.conf", identities, server_user)


def _write(path: Path, lines: list[str], server_user: ServerUser) -> None:
    # Written to a new file and renamed: as root this must not follow a link that the server's
    # user may have put there.
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        if not server_user.is_self:
            os.fchown(file.fileno(), server_user.uid, server_user.gid)
    unfinished.rename(path)


def _memory_bytes() -> int:
    """Return the memory of the machine, or of the container where that is less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):  # no such file, or the word "max"
        return memory
    return min(memory, limit)
