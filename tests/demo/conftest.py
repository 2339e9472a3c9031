"""The demo, loaded once for all tests that only look at it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from kassa.core.clock import utc_now
from kassa.demo.describe import describe_demo
from kassa.demo.load import load_demo_data

ADDRESS = "http://kassa.test"


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture(scope="package")
def loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[datetime]:
    """Load the demo once for the tests that only look at it, and take it away again."""
    now = utc_now()
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.DATA_DIR", tmp_path_factory.mktemp("demo"))
        with transaction.atomic():
            assert load_demo_data(now=now) is True
            yield now
            transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: datetime, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """Describe the loaded demo; what a test changes is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield describe_demo(base_url=ADDRESS)
        transaction.set_rollback(True)
