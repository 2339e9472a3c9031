"""Shapes of single fields that come in, each as wide as its column and no wider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
)
from pydantic_core import CoreSchema, core_schema

from kassa.api.schemas import MAX_AMOUNT, NameText, Text
from kassa.core.errors import InvalidInput
from kassa.core.fields import WEB_ADDRESS
from kassa.core.money import exponent, is_currency

MAX_METADATA_BYTES = 10_000
MAX_COUNT = 1_000_000_000
LARGEST_NUMBER = 2**63
FIRST_YEAR, LAST_YEAR = 1900, 2999


def _nothing() -> Any:
    return None


KEPT: Any = Field(default_factory=_nothing)
"""The default of a field that may be left out: what is not sent is not looked at."""


def _within_years(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"Send a moment between the years {FIRST_YEAR} and {LAST_YEAR}.")
    return moment.astimezone(UTC)


def check_keepable(metadata: dict[str, Any], *, max_bytes: int) -> dict[str, Any]:
    """Return free JSON as it is if the database can keep it and give it back unchanged.

    Raises:
        ValueError: it is too large or too deep, or has a text or number that no JSON reader takes.
    """
    try:
        size = len(orjson.dumps(metadata))
    except (TypeError, ValueError) as error:
        raise ValueError(
            "This cannot be stored: it is nested too deeply, or has a number or a text that JSON has not."
        ) from error
    if size > max_bytes:
        raise ValueError(f"Send at most {max_bytes} bytes.")
    for part in _parts(metadata):
        if isinstance(part, str) and "\x00" in part:
            raise ValueError("This contains a NUL character, which no text has.")
        # The database gives a large float back as an integer, and JSON readers stop at 64 bits.
        if isinstance(part, int | float) and not abs(part) < LARGEST_NUMBER:
            raise ValueError("This contains a number beyond 64 bits.")
    return metadata


def _keepable(metadata: dict[str, Any]) -> dict[str, Any]:
    return check_keepable(metadata, max_bytes=MAX_METADATA_BYTES)


def _parts(value: Any) -> Iterator[Any]:
    """Go through all keys and values; :func:`check_keepable` has bounded the depth before."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)
    else:
        yield value


class Clearable:
    """Marks a field whose value ``null`` clears: it becomes the empty value, such as an empty text.

    Fields of another kind say by their type whether they can be cleared: ``Moment | None`` can, ``Moment``
    refuses ``null``.
    """

    def __init__(self, empty: Callable[[], Any]) -> None:
        self.empty = empty

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "null"}]}

    def _read(self, value: Any) -> Any:
        return self.empty() if value is None else value


EMPTY_TEXT, EMPTY_LIST, EMPTY_OBJECT = Clearable(str), Clearable(list), Clearable(dict)


def _refuse_number(moment: Any) -> Any:
    """Refuse a number, which pydantic takes for seconds: 20270612 would be a day in 1970.

    Raises:
        ValueError: it is a number, or a text of digits.
    """
    if isinstance(moment, int | float) or (isinstance(moment, str) and "-" not in moment.strip()[1:]):
        raise ValueError("Send a moment as 2027-06-12T18:00:00Z.")
    return moment


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_refuse_number),
    AfterValidator(_within_years),
    Field(examples=["2027-06-12T18:00:00Z"]),
]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT, examples=[250])]
CountFromOne = Annotated[int, Field(ge=1, le=MAX_COUNT, examples=[10])]
Metadata = Annotated[
    dict[str, Any],
    AfterValidator(_keepable),
    Field(description=f"Any JSON object of at most {MAX_METADATA_BYTES} bytes.", examples=[{"door": "B"}]),
]
Sum = Annotated[
    Decimal,
    Field(gt=0, le=MAX_AMOUNT, max_digits=14, decimal_places=3, examples=["12.50"]),
    PlainSerializer(str, return_type=str, when_used="json"),
]
"""An amount that moves: more than zero."""
Url = Annotated[Text, Field(max_length=500, pattern=f"^$|{WEB_ADDRESS}")]
"""An address of the web; empty: none."""
ClearableUrl = Annotated[Url, EMPTY_TEXT]
ClearableUrl200 = Annotated[Text, Field(max_length=200, pattern=f"^$|{WEB_ADDRESS}"), EMPTY_TEXT]
Name = Annotated[NameText, Field(min_length=1, max_length=200)]
PersonName = Annotated[NameText, Field(max_length=120), EMPTY_TEXT]
"""Of a person; it may be empty."""
LongText = Annotated[Text, Field(max_length=20_000), EMPTY_TEXT]
Text80 = Annotated[Text, Field(max_length=80), EMPTY_TEXT]
Text120 = Annotated[Text, Field(max_length=120), EMPTY_TEXT]
Text200 = Annotated[Text, Field(max_length=200), EMPTY_TEXT]
Text300 = Annotated[Text, Field(max_length=300), EMPTY_TEXT]
Text500 = Annotated[Text, Field(max_length=500), EMPTY_TEXT]
Ids = Annotated[list[UUID], Field(max_length=100), EMPTY_LIST]


def check_exact(amount: Decimal, currency: str, *, field: str = "amount") -> Decimal:
    """Return an amount as it is if the currency has that many decimals.

    Raises:
        InvalidInput: it has more, or there is no such currency.
    """
    if not is_currency(currency):
        raise InvalidInput(f"'{currency}' is no currency that Kassa keeps.", field="currency")
    digits = exponent(currency)
    if amount != round(amount, digits):
        raise InvalidInput(f"{currency} has {digits} decimals; this has more.", field=field)
    return amount
