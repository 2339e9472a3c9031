"""A whole Kassa to attack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.concurrency.serving import Kassa


@pytest.fixture(scope="module")
def kassa() -> Iterator[Kassa]:
    """`kassa serve` with few threads and little patience, so that an attack needs few connections."""
    kassa = Kassa(KASSA_WEB_THREADS="4", KASSA_BODY_SECONDS="8", KASSA_DEMO_PAYMENTS="1")
    kassa.start()
    yield kassa
    kassa.stop()
