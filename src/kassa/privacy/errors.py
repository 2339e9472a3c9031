from __future__ import annotations

from collections.abc import Sequence

from kassa.core.errors import Conflict


class OrdersUnderWay(Conflict):
    """What was bought is still to be paid or sent, and for that the seller needs to know to whom."""

    code = "orders_under_way"

    def __init__(self, numbers: Sequence[str]) -> None:
        self.numbers = tuple(numbers)
        super().__init__(
            f"{', '.join(numbers)}: wait until they are paid or sent, or cancel them.", orders=list(numbers)
        )


class OnlyOwner(Conflict):
    """The person is the only owner of organisations, which would be left without one."""

    code = "only_owner"

    def __init__(self, organizations: Sequence[str]) -> None:
        self.organizations = tuple(organizations)
        super().__init__(
            f"You are the only owner of {', '.join(organizations)}. Hand over to another member first.",
            organizations=list(organizations),
        )
