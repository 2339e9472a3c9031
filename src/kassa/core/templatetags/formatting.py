"""Moments in templates, on the clock of UTC and in the language of the page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from django import template
from django.conf import settings
from django.utils.translation import get_language

from kassa.core import formatting
from kassa.core.clock import utc_now

register = template.Library()


@register.filter
def format_date(moment: datetime, style: str = "long") -> str:
    """Return a day: ``21 November 2026``. ``style`` is one of ``DateStyle``."""
    return formatting.format_date(moment.astimezone(UTC), _locale(), cast("formatting.DateStyle", style))


@register.filter
def format_short_datetime(moment: datetime) -> str:
    """Return a moment in short: ``Sat 21 Nov, 20:00``; the text around it says that the clock is UTC's."""
    return formatting.format_short_datetime(moment, UTC, _locale(), now=utc_now())


def _locale() -> str:
    return get_language() or settings.LANGUAGE_CODE
