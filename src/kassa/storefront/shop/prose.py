"""What organisers write about their events: Markdown, of which only harmless parts are known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.utils.safestring import SafeString, mark_safe
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from kassa.notifications.domain.markdown import PARSER

OPTIONS: Any = OptionsDict(cast("Any", {**PARSER.options, "breaks": True}))
BELOW = 2
"""The page has its own headings of the first two levels."""
_GAPS = {"softbreak": " ", "hardbreak": " "}


def prose_of(source: str) -> SafeString:
    """Return a text as HTML; its lines end where they were ended, and links say nothing of the page."""
    tokens = PARSER.parse(source)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + BELOW)}"
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("rel", "nofollow noopener")
    # Nothing but what the parser has made of it: raw HTML is text to it, and addresses are checked.
    rendered: str = PARSER.renderer.render(tokens, OPTIONS, {})
    return mark_safe(rendered)  # noqa: S308


def plain_of(source: str, *, limit: int) -> str:
    """Return the beginning of a text without its marks, for previews and search engines."""
    words = " ".join(_words(token.children or ()) for token in PARSER.parse(source))
    shown = " ".join(words.split())
    return shown if len(shown) <= limit else f"{shown[:limit].rsplit(' ', 1)[0]}…"


def _words(children: Iterable[Token]) -> str:
    return "".join(child.content if child.type == "text" else _GAPS.get(child.type, "") for child in children)
