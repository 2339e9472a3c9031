"""A real PostgreSQL for every test: an embedded cluster of the run's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import dj_database_url
import hypothesis
import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.test import TransactionTestCase
from playwright.sync_api import expect

from kassa.api.breaker import forget_failure
from kassa.core.outbox import DomainEvent
from kassa.core.rate_limits import clear_rate_limits
from kassa.core.ttl_cache import clear_caches
from kassa.identity.domain.refusal_log import forget_refusals
from kassa.runtime.cluster import temporary_cluster
from tests.support.event_validation import checked
from tests.support.flush import allow_flush, flush
from tests.support.rate_limits import no_refill  # noqa: F401 - a fixture for all tests
from tests.support.template_database import QUICK, clear_room, copy_migrated, make_room

expect.set_options(timeout=30_000)  # on a busy machine a page may take longer than playwright's 5 s
SETTINGS = {
    **QUICK,
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "log_min_messages": "fatal",
    # Between two tests it would learn that all tables are empty, and plan the next one accordingly.
    "autovacuum": "off",
}


def pytest_configure(config: pytest.Config) -> None:
    """Make room for what all processes of a run share, and make up the same values in each run."""
    hypothesis.settings.register_profile("kassa", derandomize=True, deadline=None)
    hypothesis.settings.load_profile("kassa")
    if not hasattr(config, "workerinput"):
        make_room()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        clear_room()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """Start the cluster and return the address of its database."""
    with temporary_cluster(SETTINGS, prepare=copy_migrated) as cluster:
        os.environ["DATABASE_URL"] = cluster.url
        yield cluster.url


@pytest.fixture(scope="session")
def django_db_setup(database_url: str, django_db_blocker: Any) -> Iterator[None]:
    """Point Django at the cluster, which has all tables."""
    # The address is only known now, so the settings that Django has read already are changed in place.
    database = connections.settings["default"]
    given = dj_database_url.parse(database_url)
    database.update({**given, "OPTIONS": {**database["OPTIONS"], **given.get("OPTIONS", {})}})
    with django_db_blocker.unblock():
        allow_flush(database_url)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TransactionTestCase, "_fixture_teardown", flush)
            yield
        for connection in connections.all(initialized_only=True):
            connection.close()
        connections["default"].close_pool()  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def _valid_events() -> Iterator[None]:
    """Let no test write an event that is not what its type declares."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DomainEvent, "__init__", checked(DomainEvent.__init__))
        yield


@pytest.fixture(scope="session", autouse=True)
def _for_tests() -> Iterator[None]:
    """Let Kassa itself serve static files in the tests' servers, and hash passwords in no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
        patch.setattr(StaticFilesHandler, "_should_handle", lambda *_: False)
        yield


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    """Start every test with nothing remembered from the one before."""
    clear_caches()
    forget_failure()
    clear_rate_limits()
    clear_caches()
    forget_refusals()
