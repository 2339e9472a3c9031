from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "kassa.sales"
    label = "sales"
