"""What makes an event, a course or a trip valid: functions of values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kassa.catalog.enums import EventKind, LocationType, Visibility
from kassa.core.errors import InvalidInput
from kassa.core.money import is_currency
from kassa.core.time_zones import is_time_zone

EVENT_FIELDS = frozenset(
    [
        "kind",
        "title",
        "description",
        "short_description",
        "category",
        "starts_at",
        "ends_at",
        "time_zone",
        "location_type",
        "venue_name",
        "address",
        "city",
        "state",
        "zip_code",
        "country",
        "virtual_event_url",
        "featured_image",
        "gallery_images",
        "visibility",
        "currency",
        "sales_start_at",
        "sales_end_at",
        "seo_title",
        "seo_description",
        "tags",
        "one_per_customer",
        "max_per_customer",
        "max_held_per_address",
        "max_held_per_network",
        "max_unproven_transfer",
        "origin",
        "destination",
        "vehicle",
        "metadata",
    ]
)
"""What a client may set when an event is made."""
CHANGEABLE_EVENT_FIELDS = EVENT_FIELDS - {"kind"}


def check_event(values: Mapping[str, Any]) -> None:
    """Let the values of a whole event pass if they belong together.

    Raises:
        InvalidInput: they do not; the field says where.
    """
    _check_choices(values)
    title = values.get("title") or ""
    if not title.strip() or len(title) > 200:
        raise InvalidInput("A title has 1 to 200 characters.", field="title")
    if not is_time_zone(values["time_zone"]):
        raise InvalidInput(
            f"'{values['time_zone']}' is not a time zone. Use a name such as 'Europe/Berlin'.",
            field="time_zone",
        )
    if not is_currency(values["currency"]):
        raise InvalidInput(f"'{values['currency']}' is not a currency in use.", field="currency")
    _check_times(values)
    check_per_customer(values)
    if values["kind"] == EventKind.TRIP:
        for field in ("origin", "destination", "ends_at"):
            if not values.get(field):
                raise InvalidInput(f"A trip needs {field}.", field=field)


def check_per_customer(values: Mapping[str, Any], *, least: int = 1) -> None:
    """Let a limit for each customer pass that allows at least one order.

    Raises:
        InvalidInput: it does not.
    """
    most = values.get("max_per_customer")
    if most is not None and most < least:
        raise InvalidInput(f"Let max_per_customer be at least {least}.", field="max_per_customer")


def check_new_event(values: Mapping[str, Any], *, now: datetime) -> None:
    """Let a new event pass if, beside :func:`check_event`, a dated course lies in the future.

    Raises:
        InvalidInput: it does not.
    """
    check_event(values)
    check_course_date(values, now=now)


def check_course_date(values: Mapping[str, Any], *, now: datetime) -> None:
    """Let all pass but a course that does not lie in the future.

    Raises:
        InvalidInput: it is one.
    """
    starts_at = values.get("starts_at")
    if values["kind"] == EventKind.COURSE and starts_at is not None and starts_at <= now:
        raise InvalidInput("A course starts in the future, or has no date yet.", field="starts_at")


def check_period(start: datetime | None, end: datetime | None) -> None:
    """Let a selling period pass if it ends after it starts.

    Raises:
        InvalidInput: it does not.
    """
    if start is not None and end is not None and end <= start:
        raise InvalidInput("Let sales end after they start.", field="sales_end_at")


def over_at(*, kind: str, starts_at: datetime | None, ends_at: datetime | None) -> datetime | None:
    """Return when nobody can join any more: a trip departs, all else ends. None: it has no date yet."""
    return starts_at if kind == EventKind.TRIP else (ends_at or starts_at)


def _check_choices(values: Mapping[str, Any]) -> None:
    for field, choices in (
        ("kind", EventKind),
        ("location_type", LocationType),
        ("visibility", Visibility),
    ):
        if field in values and values[field] not in choices.values:
            raise InvalidInput(f"Choose {field} from {', '.join(choices.values)}.", field=field)


def _check_times(values: Mapping[str, Any]) -> None:
    starts_at, ends_at = values.get("starts_at"), values.get("ends_at")
    if starts_at is None and values["kind"] != EventKind.COURSE:
        raise InvalidInput("Say when it starts; only a course may do without.", field="starts_at")
    if ends_at is not None and (starts_at is None or ends_at < starts_at):
        raise InvalidInput("Let it end after it starts.", field="ends_at")
    check_period(values.get("sales_start_at"), values.get("sales_end_at"))
