"""Which wallets a browser can put a ticket into."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kassa.tickets.enums import WalletKind

APPLE = re.compile(r"iPhone|iPad|iPod|Macintosh")
APPLE_PHONE = re.compile(r"iPhone|iPad|iPod")


def usable_wallets(kinds: Iterable[str], user_agent: str) -> frozenset[str]:
    """Return the wallets that a browser can open: Apple's on its devices, Google's not on Apple's phones."""
    works = set()
    if APPLE.search(user_agent):
        works.add(str(WalletKind.APPLE))
    if not APPLE_PHONE.search(user_agent):
        works.add(str(WalletKind.GOOGLE))
    return frozenset(str(kind) for kind in kinds) & works
