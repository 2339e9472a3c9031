from django.db import models


class DiscountType(models.TextChoices):
    PERCENTAGE = "percentage"
    AMOUNT = "amount"
