"""Which language a request wants to be answered in."""

from __future__ import annotations

from kassa.api.requests import ApiRequest
from kassa.core.languages import Language
from kassa.organizations.queries import organization_settings


def language_of(request: ApiRequest) -> Language:
    """Return the first language of ``Accept-Language`` that Kassa speaks, else the organisation's."""
    for part in request.META.get("HTTP_ACCEPT_LANGUAGE", "").split(","):
        language = part.partition(";")[0].strip().partition("-")[0].lower()
        if language in Language.values:
            return Language(language)
    return Language(organization_settings(request.auth.organization_id).default_language)
