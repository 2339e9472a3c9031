"""What can go wrong at the door, apart from the answers to scans, which are no errors."""

from __future__ import annotations

from kassa.core.errors import Conflict, InvalidInput, KassaError


class EnrolmentOver(KassaError):
    """The code does not enrol a device, or not any more; have a new one made."""

    code = "enrolment_over"
    status = 410
    title = "This code is no longer valid"

    def __init__(self) -> None:
        super().__init__("This code was used already, is too old or was never made. Make a new one.")


class DeviceRevoked(Conflict):
    """The device was revoked for good; make another one."""

    code = "device_revoked"
    title = "The device is revoked"

    def __init__(self, name: str) -> None:
        super().__init__(f"The device '{name}' was revoked. Make a new one instead.")


class ListInUse(Conflict):
    """Something was scanned for the list already, so its area stays."""

    code = "list_in_use"
    title = "The list is in use"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Something was scanned for '{name}' already, so it stays in its area. Make another list."
        )


class NotLastScan(Conflict):
    """Only the last entry or exit of a ticket that counts can be undone, and once."""

    code = "not_last_scan"
    title = "This scan cannot be undone"

    def __init__(self) -> None:
        super().__init__(
            "Only the last entry or exit of a ticket that was accepted can be undone, and only once."
        )


class ScanIdReused(InvalidInput):
    """The id was sent with another scan."""

    code = "scan_id_reused"
    title = "The id belongs to another scan"

    def __init__(self) -> None:
        super().__init__("This id was sent with another scan. Use a new id for a new scan.", field="id")
