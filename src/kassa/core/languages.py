"""The languages that buyers are spoken to in."""

from __future__ import annotations

from functools import lru_cache

from django.db import models
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


class Language(models.TextChoices):
    """Every text that a buyer reads exists in each of these."""

    ENGLISH = "en"
    FRENCH = "fr"


@lru_cache(maxsize=1024)
def parse_accept_language(header: str) -> str | None:
    """Return the first of a browser's languages that Kassa speaks. None: it likes none of them."""
    for wanted, _ in parse_accept_lang_header(header):
        try:
            language = get_supported_language_variant(wanted)
        except LookupError:
            continue
        if language in Language.values:
            return language
    return None
