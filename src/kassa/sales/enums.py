from django.db import models


class CartStatus(models.TextChoices):
    """``abandoned``: given up by the buyer; ``expired``: by the clock."""

    ACTIVE = "active"
    ABANDONED = "abandoned"
    CONVERTED = "converted"
    EXPIRED = "expired"
