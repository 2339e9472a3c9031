from __future__ import annotations

from tests.sales.conftest import books_balance

__all__ = ["books_balance"]
