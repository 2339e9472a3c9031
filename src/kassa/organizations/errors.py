from __future__ import annotations

from kassa.core.errors import Conflict


class DomainMissing(Conflict):
    """The organisation has named no domain of its own."""

    code = "domain_missing"
    title = "There is no domain to check"

    def __init__(self) -> None:
        super().__init__("Set `custom_domain` of the organisation first.")
