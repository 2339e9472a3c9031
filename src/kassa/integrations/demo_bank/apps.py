from django.apps import AppConfig


class DemoBankConfig(AppConfig):
    name = "kassa.integrations.demo_bank"
    label = "demo_bank"
