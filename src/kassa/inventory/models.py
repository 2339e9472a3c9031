"""How much is left: counters that the database itself keeps from going over."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kassa.core.fields import one_of
from kassa.core.tenancy import TenantKey, TenantModel
from kassa.inventory.enums import QuotaKind

WITHIN_CAPACITY = "inventory_quota_within_capacity"


class Quota(TenantModel):
    """Counted places. ``available = capacity - reserved - sold``.

    Everything that is sold draws on one or more: a ticket type on its own and on shared ones
    (the room, a combined contingent), a product on its stock. The row is narrow and its
    table's fillfactor low, because it is the row that everyone wants at once.
    """

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=QuotaKind.choices)
    capacity = models.IntegerField()
    reserved = models.IntegerField(default=0, db_default=0)
    sold = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    """When its name or capacity was last changed; a sale does not touch it."""

    class Meta:
        constraints = [
            TenantKey(name="inventory_quota_key"),
            one_of("kind", QuotaKind, name="inventory_quota_kind"),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0, sold__gte=0)
                & models.Q(capacity__gte=models.F("reserved") + models.F("sold")),
                name=WITHIN_CAPACITY,
            ),
            models.CheckConstraint(
                condition=models.Q(kind=QuotaKind.PRODUCT) | models.Q(capacity__gte=1),
                name="inventory_quota_capacity",
            ),
        ]
        indexes = [models.Index(fields=["organization", "id"], name="inventory_quota_list")]
