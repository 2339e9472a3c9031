from importlib import import_module

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "kassa.identity"
    label = "identity"

    def ready(self) -> None:
        import_module("kassa.identity.domain.domain_log")
