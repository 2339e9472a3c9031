from django.apps import AppConfig


class InvoicesConfig(AppConfig):
    name = "kassa.invoices"
    label = "invoices"
