from django.db import models


class LayoutKind(models.TextChoices):
    HALL = "hall"
    COACH = "coach"


class SeatStatus(models.TextChoices):
    """What can be done with a seat of an event now."""

    AVAILABLE = "available"
    HELD = "held"
    SOLD = "sold"
    BLOCKED = "blocked"
