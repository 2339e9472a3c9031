from django.db import models


class Role(models.TextChoices):
    """What a member is to an organisation; ``permissions.py`` says what each may do."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    SUPPORT = "support"
    ANALYST = "analyst"


class UserStatus(models.TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"
    PENDING = "pending"


class ActorKind(models.TextChoices):
    """Who did something."""

    USER = "user"
    API_KEY = "api_key"
    BUYER = "buyer"
    """Whoever has the secret link of an order: its buyer, or somebody they trust with it."""
    SYSTEM = "system"
