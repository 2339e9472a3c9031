"""What attacks need: a whole Kassa, and an internet of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from kassa.audit.run import examine
from tests.support.internet import Internet, made_up_internet
from tests.support.kassa_process import KassaProcess


@pytest.fixture(scope="module")
def kassa() -> Iterator[KassaProcess]:
    """`kassa serve` with few threads and little patience, so that an attack needs few connections."""
    kassa = KassaProcess(
        KASSA_WEB_THREADS="4",
        KASSA_BODY_SECONDS="8",
        KASSA_DEMO_PAYMENTS="1",
        KASSA_RATE_REQUESTS="off",  # attackers and visitors have the same address here
    )
    kassa.start()
    yield kassa
    with psycopg.connect(kassa.url) as books, books.cursor() as cursor:
        assert examine(cursor, None).findings == []
    kassa.stop()


@pytest.fixture(autouse=True)
def _audit(request: pytest.FixtureRequest) -> Iterator[None]:
    """Audit the books after each attack: whatever it did, they balance."""
    markers = {marker.name for marker in request.node.iter_markers()}
    if "django_db" not in markers or "unaudited" in markers:
        yield
        return
    request.getfixturevalue("_django_db_helper")  # which takes back what the test has written
    yield
    with connection.cursor() as cursor:
        assert examine(cursor, None).findings == []


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """Domains that Kassa finds on servers of the tests' own."""
    with made_up_internet(monkeypatch) as made_up:
        yield made_up
