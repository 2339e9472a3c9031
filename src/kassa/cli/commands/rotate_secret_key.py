"""``kassa rotate-secret-key``."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import click

from kassa.cli.settings import read_settings
from kassa.runtime.errors import CannotStart


@click.command("rotate-secret-key")
def rotate_secret_key() -> None:
    """Put a new secret key in front of the present one, which goes on opening what it has signed."""
    if "KASSA_SECRET_KEY" in os.environ:
        raise CannotStart(
            "The secret key is given by KASSA_SECRET_KEY. Put a new one there, and the present one into "
            "KASSA_SECRET_KEY_FALLBACKS."
        )
    settings = read_settings()
    # The older keys first: broken off in between, the present key is only listed twice.
    older = [settings.SECRET_KEY, *_read(settings.OLDER_SECRET_KEYS)]
    _write(settings.OLDER_SECRET_KEYS, json.dumps(older))
    _write(settings.DATA_DIR / "secret_key", secrets.token_urlsafe(48))
    click.echo("There is a new secret key. Restart Kassa, and it signs with it.")
    click.echo(
        f"What the older one has signed stays valid until you delete it from {settings.OLDER_SECRET_KEYS}.",
        err=True,
    )
    click.echo(
        "Unless KASSA_ENCRYPTION_KEYS is set, the older one also decrypts what it has encrypted: secrets of "
        "payment accounts, keys of wallets, private keys of QR codes and secrets of authenticator apps. "
        "Before you delete it, set KASSA_ENCRYPTION_KEYS to the new key and all older ones, separated by "
        "commas, or these can no longer be read.",
        err=True,
    )


def _read(path: Path) -> list[str]:
    return list(json.loads(path.read_text())) if path.exists() else []


def _write(path: Path, text: str) -> None:
    """Replace a file that nobody else may read, all of it or nothing."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
