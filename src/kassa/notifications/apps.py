from typing import Any

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "kassa.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Listen to what providers tell of messages they have taken."""
        from anymail.signals import tracking  # noqa: PLC0415 - apps are loaded before what they use

        tracking.connect(_tracked, dispatch_uid="kassa.notifications")


def _tracked(sender: Any, event: Any, esp_name: str, **kwargs: Any) -> None:
    from kassa.core.clock import utc_now  # noqa: PLC0415
    from kassa.notifications.domain.bounces import note_tracking  # noqa: PLC0415

    note_tracking(event, now=utc_now())
