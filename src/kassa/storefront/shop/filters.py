"""What a visitor looks for, as the address of a list says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from kassa.catalog.enums import EventKind

TEXT_LENGTH = 100
MOST_PAGES = 10_000
YEARS = range(1970, 3000)


@dataclass(frozen=True, slots=True)
class Filters:
    """All of it may be empty; what cannot be understood is kept as it was typed and told in ``problems``."""

    q: str = ""
    first_day: date | None = None
    last_day: date | None = None
    city: str = ""
    category: str = ""
    tag: str = ""
    kind: str = ""
    page: int = 1
    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether it leaves nothing out."""
        texts = (self.q, self.city, self.category, self.tag, self.kind)
        return not any((*texts, self.first_day, self.last_day))

    @property
    def query(self) -> dict[str, str]:
        """The same as an address has it, without the page."""
        days = {"from": self.first_day, "to": self.last_day}
        texts = ("q", "city", "category", "tag", "kind")
        named = {name: getattr(self, name) for name in texts}
        shown = {name: day.isoformat() if day else "" for name, day in days.items()} | named
        return {name: value for name, value in shown.items() if value}

    def link(self, **changes: str) -> str:
        """Return the address of the same list with something changed, from its first page on."""
        asked = {name: value for name, value in (self.query | changes).items() if value}
        return f"?{urlencode(asked)}" if asked else "?"


def read_filters(query: Mapping[str, str]) -> Filters:
    """Return what an address looks for; what is nonsense is left out."""
    problems: dict[str, str] = {}
    typed = {name: text_in(query, name) for name in ("from", "to")}
    days: dict[str, date | None] = {}
    for name, text in typed.items():
        days[name] = day_in(text)
        if text and days[name] is None:
            problems[name] = _("This is not a date. Write it as 2026-11-28.")
    kind = text_in(query, "kind")
    return Filters(
        q=text_in(query, "q"),
        first_day=days["from"],
        last_day=days["to"],
        city=text_in(query, "city"),
        category=text_in(query, "category"),
        tag=text_in(query, "tag"),
        kind=kind if kind in EventKind.values else "",
        page=page_in(query),
        typed=typed,
        problems=problems,
    )


def text_in(query: Mapping[str, str], name: str) -> str:
    """Return a text of an address, without what no text has."""
    return " ".join(query.get(name, "")[:TEXT_LENGTH].replace("\x00", " ").split())


def day_in(text: str) -> date | None:
    """Return a day that is written as 2026-11-28. None: it is none, or in no time of ours."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def page_in(query: Mapping[str, str]) -> int:
    """Return which page of a list is asked for, counted from one."""
    text = query.get("page", "")
    return min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < 6 else 1
