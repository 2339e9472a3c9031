from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "kassa.inventory"
    label = "inventory"
