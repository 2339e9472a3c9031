"""The settings, for commands; Django itself is loaded only by those that need it."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

from kassa.runtime.errors import CannotStart


def data_folder() -> Path:
    """Return the data folder, without the settings: those read DATABASE_URL, which depends on it."""
    return Path(os.environ.get("KASSA_DATA_DIR", ".kassa")).resolve()


def is_demo_wanted() -> bool:
    """Say whether the first start fills the database with demo data (KASSA_DEMO=0 says no)."""
    return os.environ.get("KASSA_DEMO", "1").strip().lower() not in ("0", "no", "off", "false")


def read_settings() -> ModuleType:
    """Return the module `kassa.settings`; raises CannotStart for a value that cannot be read."""
    try:
        from kassa import settings
    except ValueError as error:
        culprits = [
            name
            for name, value in os.environ.items()
            if name.startswith("KASSA_") and value and repr(value) in str(error)
        ]
        name = culprits[0] if culprits else "DATABASE_URL"
        raise CannotStart(f"The setting {name} cannot be read: {error}") from error
    except OSError as error:
        raise CannotStart(
            f"The data folder {data_folder()} cannot be used ({error.strerror}). Set KASSA_DATA_DIR to a "
            "folder that this user can write to."
        ) from error
    return settings


def set_up_django() -> None:
    """Load Django with `DATABASE_URL` as it is now in the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kassa.settings")
    read_settings()
    import django

    django.setup()
