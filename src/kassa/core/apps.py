from django.apps import AppConfig

from kassa.core.event_types import load_event_types


class CoreConfig(AppConfig):
    name = "kassa.core"
    label = "core"

    def ready(self) -> None:
        load_event_types()
