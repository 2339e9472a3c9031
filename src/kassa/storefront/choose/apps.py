from __future__ import annotations

from django.apps import AppConfig


class ChooseConfig(AppConfig):
    name = "kassa.storefront.choose"
    label = "storefront_choose"
