"""What attacks need: a whole Kassa, and an internet of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.concurrency.serving import Kassa
from tests.names import Internet, made_up_internet


@pytest.fixture(scope="module")
def kassa() -> Iterator[Kassa]:
    """`kassa serve` with few threads and little patience, so that an attack needs few connections."""
    kassa = Kassa(
        KASSA_WEB_THREADS="4",
        KASSA_BODY_SECONDS="8",
        KASSA_DEMO_PAYMENTS="1",
        KASSA_RATE_REQUESTS="off",  # attackers and visitors have the same address here
    )
    kassa.start()
    yield kassa
    kassa.stop()


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """Domains that Kassa finds on servers of the tests' own."""
    with made_up_internet(monkeypatch) as made_up:
        yield made_up
