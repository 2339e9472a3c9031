from django.db import models


class CartStatus(models.TextChoices):
    """``abandoned``: given up by the buyer; ``expired``: by the clock."""

    ACTIVE = "active"
    ABANDONED = "abandoned"
    CONVERTED = "converted"
    EXPIRED = "expired"


class SaleState(models.TextChoices):
    """Whether one can buy something now. ``closed``: its event is cancelled or over, or not published."""

    ON_SALE = "on_sale"
    NOT_STARTED = "not_started"
    SOLD_OUT = "sold_out"
    ENDED = "ended"
    CLOSED = "closed"
