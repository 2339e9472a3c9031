"""Filters of lists that several values fit."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

T = TypeVar("T")
MAX_VALUES = 50


def _split(values: Any) -> Any:
    """Return the values of a parameter that was sent several times, or once with commas in it."""
    if not isinstance(values, list):
        return values
    return [part for value in values for part in (value.split(",") if isinstance(value, str) else [value])]


Several = Annotated[
    list[T],
    BeforeValidator(_split),
    Field(
        default_factory=list,
        max_length=MAX_VALUES,
        description="One of these. Send it several times, or once with commas between the values.",
    ),
]
"""A filter that one value fits, or each of several; empty: everything fits."""
