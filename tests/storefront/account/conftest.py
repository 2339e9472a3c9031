from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings


@pytest.fixture(autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Hash passwords quickly: what is tested is not how long that takes."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers):
        yield


@pytest.fixture
def transactional(transactional_db: Any) -> Any:
    """Commit for good, as jobs on commit and several connections need it."""
    return transactional_db
