from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "kassa.identity"
    label = "identity"
