"""Providers in memory, and an organisation whose orders are paid at them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kassa.payments.providers.calls import LINES
from kassa.payments.providers.registry import providers
from tests.payments.cashier import Cashier
from tests.payments.providers import Bank, new_bank

PROVIDERS = [
    "kassa.payments.providers.free.FreeProvider",
    "kassa.payments.providers.manual.ManualProvider",
    "tests.payments.providers.MemoryProvider",
    "tests.payments.providers.OtherProvider",
]


@pytest.fixture
def bank(settings: Any) -> Iterator[Bank]:
    """A bank that knows nothing, and its providers."""
    settings.PAYMENT_PROVIDERS = PROVIDERS
    providers.cache_clear()
    LINES.clear()
    fresh = new_bank()
    yield fresh
    fresh.answers.set()
    LINES.clear()
    providers.cache_clear()


@pytest.fixture
def cashier(bank: Bank, transactional_db: None) -> Cashier:
    """An organisation that takes payments at the bank, by transfer and for free."""
    return Cashier()
