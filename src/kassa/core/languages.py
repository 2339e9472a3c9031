"""The languages that buyers are spoken to in."""

from __future__ import annotations

from django.db import models


class Language(models.TextChoices):
    """Every text that a buyer reads exists in each of these."""

    ENGLISH = "en"
    FRENCH = "fr"
