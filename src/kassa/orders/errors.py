"""Why an order cannot be changed."""

from __future__ import annotations

from kassa.core.errors import Conflict, KassaError


class IllegalMove(Conflict):
    """The order cannot go from its status to that one; `allowed` says where it can go."""

    code = "illegal_move"
    title = "The order cannot move there"

    def __init__(self, *, number: str, from_status: str, to_status: str, allowed: list[str]) -> None:
        where = " or ".join(allowed) if allowed else "nowhere"
        super().__init__(
            f"Order {number} is {from_status} and cannot become {to_status}; it can go to {where}.",
            from_status=from_status,
            to_status=to_status,
            allowed=allowed,
        )


class NotByHand(Conflict):
    """Staff cannot set this status: the clock expires orders, and refunds follow money."""

    code = "not_by_hand"
    title = "This status is not set by hand"

    def __init__(self, to_status: str, allowed: list[str]) -> None:
        super().__init__(
            f"An order does not become {to_status} by hand. Staff may set {', '.join(allowed)}.",
            to_status=to_status,
            allowed=allowed,
        )


class OrderExpired(Conflict):
    """The order's hold is over and its places are given back; place a new order."""

    code = "order_expired"
    title = "The order has expired"

    def __init__(self, number: str) -> None:
        super().__init__(f"The hold of order {number} is over. Place a new order.", number=number)


class AlreadyShipped(Conflict):
    """The goods have left, so the order cannot be cancelled; `fulfilment_status` says how far they are."""

    code = "already_shipped"
    title = "The goods have left already"

    def __init__(self, number: str, fulfilment_status: str) -> None:
        super().__init__(
            f"Order {number} has been {fulfilment_status} and cannot be cancelled. Refund what the buyer is "
            "to get back; goods that are returned go back into stock when you say so.",
            number=number,
            fulfilment_status=fulfilment_status,
        )


class NothingToShip(Conflict):
    """No line of the order is shipped, or all of them have been refunded; complete the order instead."""

    code = "nothing_to_ship"
    title = "Nothing to ship"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Order {number} has nothing left that is shipped. Set it to completed instead.", number=number
        )


class NotAwaitingApproval(Conflict):
    """The order does not wait for approval, or it was decided already; `approval` says which."""

    code = "not_awaiting_approval"
    title = "Nothing to decide"

    def __init__(self, number: str, approval: str) -> None:
        super().__init__(
            f"Order {number} does not wait for approval: it is {approval.replace('_', ' ')}.",
            approval=approval,
        )


class ApprovalAwaited(Conflict):
    """The organiser has not agreed to the order yet; approve or reject it first."""

    code = "approval_awaited"
    title = "It waits for approval"

    def __init__(self, number: str) -> None:
        super().__init__(f"Order {number} waits for approval. Approve or reject it first.", number=number)


class UploadTooLarge(KassaError):
    """The file is longer than Kassa keeps; `limit` says how many bytes that are."""

    code = "upload_too_large"
    status = 413
    title = "The file is too large"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"Send a file of at most {limit // 1024 // 1024} MiB.", limit=limit)


class TooManyUploads(Conflict):
    """The files that wait to be named by an order would be too large together: more than `limit` bytes."""

    code = "too_many_uploads"
    title = "Too many files wait"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"At most {limit // 1024 // 1024} MiB of files wait to be named by an order. Place those orders "
            "first, or wait a day.",
            limit=limit,
        )


class UploadStorageFull(KassaError):
    """The database holds as many files as the operator lets it; nothing was kept."""

    code = "upload_storage_full"
    status = 507
    title = "No room for more files"

    def __init__(self) -> None:
        super().__init__("No more files can be stored now. Ask the operator to raise KASSA_UPLOAD_STORAGE.")
