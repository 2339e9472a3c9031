from __future__ import annotations

from django.apps import AppConfig


class AccountConfig(AppConfig):
    name = "kassa.storefront.account"
    label = "storefront_account"
