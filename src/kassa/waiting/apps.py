from django.apps import AppConfig


class WaitingConfig(AppConfig):
    name = "kassa.waiting"
    label = "waiting"
