from __future__ import annotations

from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "kassa.storefront.checkout"
    label = "storefront_checkout"
