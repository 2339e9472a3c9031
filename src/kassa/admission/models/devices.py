"""Devices: the phones at the door, each with a key of its own that can be taken away."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from kassa.admission.enums import DeviceStatus
from kassa.core.tenancy import TenantForeignKey, TenantKey, TenantModel, TenantPart, TenantReference


class Device(TenantModel):
    """A phone or a scanner that lets people in."""

    name = models.CharField(max_length=120)
    gate = models.CharField(max_length=80, blank=True, db_default="")
    """Where it stands, unless a scan says otherwise."""
    api_key = TenantForeignKey("identity.ApiKey", null=True)
    """What it scans with. None: it has not been enrolled yet."""
    enrolment_hash = models.BinaryField(null=True)
    """SHA-256 of the code that enrols it; 256 random bits need no slow hash. None: none is open."""
    enrolment_expires_at = models.DateTimeField(null=True)
    """Exclusive."""
    enrolled_at = models.DateTimeField(null=True)
    """When it last was given a key. None: never."""
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)
    """Since when it may not scan any more. None: it may."""

    class Meta:
        constraints = [
            TenantKey(name="admission_device_key"),
            TenantReference(field="api_key", to="identity_apikey", name="admission_device_api_key"),
            models.UniqueConstraint(
                fields=["organization", "api_key"],
                condition=Q(api_key__isnull=False),
                name="admission_device_of_key",
            ),
            models.CheckConstraint(
                condition=Q(enrolment_hash__isnull=True, enrolment_expires_at__isnull=True)
                | Q(
                    enrolment_hash__isnull=False,
                    enrolment_expires_at__isnull=False,
                    revoked_at__isnull=True,
                ),
                name="admission_device_enrolment",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "id"], name="admission_device_list"),
            models.Index(
                fields=["enrolment_hash"],
                condition=Q(enrolment_hash__isnull=False),
                name="admission_device_by_code",
            ),
        ]

    @property
    def status(self) -> DeviceStatus:
        if self.revoked_at is not None:
            return DeviceStatus.REVOKED
        return DeviceStatus.AWAITING if self.api_key_id is None else DeviceStatus.ACTIVE


class DeviceList(TenantPart):
    """A list that a device scans for. A device without any scans for all."""

    device = TenantForeignKey(Device, related_name="lists")
    checkin_list = TenantForeignKey("admission.CheckinList")

    class Meta:
        constraints = [
            TenantKey(name="admission_devicelist_key"),
            TenantReference(
                field="device", to="admission_device", cascade=True, name="admission_devicelist_device"
            ),
            TenantReference(
                field="checkin_list",
                to="admission_checkinlist",
                cascade=True,
                name="admission_devicelist_list",
            ),
            models.UniqueConstraint(
                fields=["organization", "device", "checkin_list"], name="admission_devicelist_once"
            ),
        ]
