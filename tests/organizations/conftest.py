"""Domains that Kassa finds on servers of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.internet import Internet, made_up_internet


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    with made_up_internet(monkeypatch) as made_up:
        yield made_up
