from django.apps import AppConfig


class SeatingConfig(AppConfig):
    name = "kassa.seating"
    label = "seating"
