from django.db import models


class QuotaKind(models.TextChoices):
    """What a quota counts."""

    TICKET_TYPE = "ticket_type"
    SHARED = "shared"
    EVENT = "event"
    PRODUCT = "product"
