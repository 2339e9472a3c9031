from django.db import models


class Plan(models.TextChoices):
    FREE = "free"
    BASIC = "basic"
    PRO = "pro"
    ENTERPRISE = "enterprise"


class ChargeTaxation(models.TextChoices):
    """How a fee of the organisation's own is taxed."""

    AS_GOODS = "as_goods"
    """As what it is charged with, shared out over the rates of the order; the fee contains the tax."""
    RULE = "rule"
    NONE = "none"
