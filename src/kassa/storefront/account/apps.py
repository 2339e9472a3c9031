from __future__ import annotations

from importlib import import_module

from allauth.account.apps import AccountConfig as OfAllauth
from django.apps import AppConfig


class AccountConfig(AppConfig):
    name = "kassa.storefront.account"
    label = "storefront_account"
    default = True

    def ready(self) -> None:
        import_module("kassa.storefront.account.signal_handlers")
        import_module("kassa.storefront.account.security_signals")


class AllauthConfig(OfAllauth):
    """allauth's own, which wants its middleware around all requests; here it runs below ``/account/``."""

    name = "allauth.account"
    label = "account"
    default = False

    def ready(self) -> None:
        import_module("allauth.account.checks")
