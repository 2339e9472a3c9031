"""What all domains have registered of people: every column, how it is handed out, and how it is forgotten.

A test fills every table, looks for the person in every column there is, and compares with this list.
"""

from __future__ import annotations

from functools import cache

from django.utils.module_loading import autodiscover_modules

import kassa.core.erasure  # noqa: F401 (the kernel is no domain, and registers there)
from kassa.core.personal_data import PersonalData, registered


@cache
def list_personal_data() -> tuple[PersonalData, ...]:
    """Return what each domain has registered in its ``domain/personal_data.py``, from the lowest floor up."""
    autodiscover_modules("domain.personal_data")
    return registered()


def list_erased_columns() -> dict[str, tuple[str, ...]]:
    """Return by table which columns are emptied, made unrecognisable or deleted."""
    return {table: columns for data in list_personal_data() for table, columns in data.erased.items()}


def list_retained_columns() -> dict[str, tuple[str, ...]]:
    """Return by table which columns stay as they are."""
    return {table: columns for data in list_personal_data() for table, columns in data.retained.items()}
