from __future__ import annotations

from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "kassa.storefront.shop"
    label = "storefront_shop"
