"""What kinds of pictures are kept."""

from __future__ import annotations

from django.db import models


class PictureType(models.TextChoices):
    """A file's media type, told from its content."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"
    SVG = "image/svg+xml"

    @property
    def extension(self) -> str:
        """How the name of such a file ends in a picture's address."""
        return {"image/jpeg": "jpg", "image/svg+xml": "svg"}.get(self.value, self.value.rpartition("/")[2])
