"""The providers there are: those Kassa brings along, and those that other packages register.

A package registers one with an entry point of the group ``kassa.payment_providers`` that names a class
without arguments; ``KASSA_PAYMENT_PROVIDERS`` names further classes, as ``package.module.Class``.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import entry_points

from django.conf import settings
from django.utils.module_loading import import_string

from kassa.payments.errors import ProviderUnknown
from kassa.payments.providers.protocol import Provider

ENTRY_POINTS = "kassa.payment_providers"


@lru_cache(maxsize=1)
def providers() -> dict[str, Provider]:
    """Return all providers by name, Kassa's own first."""
    classes = [import_string(path) for path in settings.PAYMENT_PROVIDERS]
    classes += [point.load() for point in entry_points(group=ENTRY_POINTS)]
    made: list[Provider] = [provider_class() for provider_class in classes]
    return {provider.name: provider for provider in made}


def provider_named(name: str) -> Provider:
    """Return a provider.

    Raises:
        ProviderUnknown: there is none of that name.
    """
    try:
        return providers()[name]
    except KeyError:
        raise ProviderUnknown(name, sorted(providers())) from None
