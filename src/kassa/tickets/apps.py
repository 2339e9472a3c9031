from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "kassa.tickets"
    label = "tickets"
