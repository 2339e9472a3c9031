from django.apps import AppConfig


class CheckinConfig(AppConfig):
    name = "kassa.checkin"
    label = "checkin"
