"""Pictures that are shown to everybody: the posters of events, photographs of goods, logos."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from kassa.core.fields import one_of
from kassa.core.tenancy import TenantKey, TenantModel
from kassa.pictures.enums import PictureType


class Picture(TenantModel):
    """A file as it was sent; it never changes, so that its address may be kept for good."""

    content = models.BinaryField()
    media_type = models.CharField(max_length=13, choices=PictureType.choices)
    digest = models.CharField(max_length=64)
    """SHA-256 of the content: the same file is kept once."""
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    """In pixels, or in a drawing's own units."""
    alternative_text = models.CharField(max_length=300, blank=True, db_default="")
    """What it shows, for those who do not see it. Empty: it only adorns."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            TenantKey(name="pictures_picture_key"),
            models.UniqueConstraint(fields=["organization", "digest"], name="pictures_picture_once"),
            one_of("media_type", PictureType, name="pictures_picture_type"),
        ]
        indexes = [models.Index(fields=["organization", "id"], name="pictures_picture_list")]
