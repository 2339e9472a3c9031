"""The door: lists that say who may come in, devices that scan, and what they scanned."""

from kassa.admission.models.devices import Device, DeviceList
from kassa.admission.models.lists import CheckinList, CheckinListTicketType
from kassa.admission.models.scans import Conflict, Presence, Scan

__all__ = [
    "CheckinList",
    "CheckinListTicketType",
    "Conflict",
    "Device",
    "DeviceList",
    "Presence",
    "Scan",
]
