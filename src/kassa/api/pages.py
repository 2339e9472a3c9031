"""Lists: keyset pages that stay right while rows are added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from django.db import models
from ninja import Schema
from pydantic import Field

M = TypeVar("M", bound=models.Model)
S = TypeVar("S")

Limit = Annotated[int, Field(ge=1, le=200, description="How many to return.")]
After = Annotated[UUID | None, Field(description="The `next` of the page before.")]


class Page(Schema, Generic[S]):
    """A part of a list, newest first, and where it goes on."""

    items: list[S]
    next: UUID | None = Field(None, description="Send it as `after` for the next page; null on the last.")


def page_of(
    rows: models.QuerySet[M],
    *,
    limit: int,
    after: UUID | None,
    show: Callable[[Sequence[M]], list[Any]],
) -> dict[str, Any]:
    """Cut one page out of rows, newest first by id; ``show`` translates the whole page at once."""
    rows = rows.order_by("-id")
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return {"items": show(found), "next": found[-1].pk if more else None}
