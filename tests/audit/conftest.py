"""A village that is looked at by many tests, none of which changes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import call_command

from tests.audit.village import Village


@pytest.fixture(scope="module")
def village(django_db_setup: None, django_db_blocker: Any) -> Iterator[Village]:
    """Settle a village, and take it away again."""
    with django_db_blocker.unblock():
        try:
            yield Village()
        finally:
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


@pytest.fixture
def forger(database_url: str) -> Iterator[psycopg.Cursor[Any]]:
    """One who may write past triggers and references; what they do is undone in the end."""
    with psycopg.connect(database_url.replace("kassa@", "postgres@")) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield cursor
        connection.rollback()
