from django.db import models


class EventKind(models.TextChoices):
    EVENT = "event"
    COURSE = "course"
    TRIP = "trip"


class LocationType(models.TextChoices):
    PHYSICAL = "physical"
    VIRTUAL = "virtual"
    HYBRID = "hybrid"


class EventStatus(models.TextChoices):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


class Visibility(models.TextChoices):
    PUBLIC = "public"
    PRIVATE = "private"
    UNLISTED = "unlisted"


class ProductStatus(models.TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"


class QuestionKind(models.TextChoices):
    """What an answer is: ``file`` is the id of an upload."""

    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    FILE = "file"


class QuestionScope(models.TextChoices):
    """Whether a question is asked for every ticket or once for the whole order."""

    TICKET = "ticket"
    ORDER = "order"


EVENT_MOVES: dict[EventStatus, frozenset[EventStatus]] = {
    EventStatus.DRAFT: frozenset({EventStatus.PUBLISHED, EventStatus.CANCELLED}),
    EventStatus.PUBLISHED: frozenset({EventStatus.DRAFT, EventStatus.CANCELLED, EventStatus.COMPLETED}),
    EventStatus.CANCELLED: frozenset(),
    EventStatus.COMPLETED: frozenset({EventStatus.PUBLISHED}),
}
"""Which status an event may take from which."""
