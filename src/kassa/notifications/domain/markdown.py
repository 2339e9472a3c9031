"""Markdown as a message needs it: once for a screen with colours, once as plain text.

Only text, lists, quotes, headings, emphasis and links to the web or to an address are known. A link that
stands alone in its paragraph is a button.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kassa.notifications.domain.drawn import MARKED, Drawn, lone_link
from kassa.notifications.domain.plain_text import PlainText

SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s\x00-\x1f]+", re.IGNORECASE)
STYLES = {
    "paragraph_open": "margin:0 0 16px",
    "bullet_list_open": "margin:0 0 16px;padding-left:22px",
    "ordered_list_open": "margin:0 0 16px;padding-left:22px",
    "list_item_open": "margin:0 0 6px",
    "blockquote_open": "margin:0 0 16px;padding:4px 0 4px 16px;border-left:3px solid #d5d9e0",
    "hr": "margin:24px 0;border:0;border-top:1px solid #e3e6eb",
}
WITHIN = "margin:0 0 6px"
"""A paragraph inside something else."""
HEADINGS = {
    "h1": "margin:0 0 16px;font-size:24px;line-height:30px;font-weight:700",
    "h2": "margin:24px 0 12px;font-size:19px;line-height:26px;font-weight:700",
    "h3": "margin:20px 0 8px;font-size:16px;line-height:24px;font-weight:700",
}


@dataclass(frozen=True, slots=True)
class Colors:
    """What links and buttons look like."""

    accent: str
    on_accent: str
    link: str


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    parser.disable(
        [
            "html_block",
            "html_inline",
            "image",
            "code",
            "fence",
            "backticks",
            "reference",
            "autolink",
            "lheading",
        ]
    )
    parser.validateLink = lambda url: SAFE_LINK.fullmatch(url) is not None  # type: ignore[method-assign]
    return parser


PARSER = _parser()


def draw(source: str, blocks: Mapping[str, Drawn], colors: Colors) -> Drawn:
    """Return a filled-in body as HTML with its styles inside, and as text."""
    tokens = PARSER.parse(source)
    return Drawn(html=_html(tokens, blocks, colors), text=PlainText(blocks).write(tokens))


def _html(tokens: Sequence[Token], blocks: Mapping[str, Drawn], colors: Colors) -> str:
    styled: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.type == "paragraph_open":
            inline = tokens[position + 1]
            html = _block(inline, blocks) or _button(inline, colors)
            if html is not None:
                styled.append(Token("html_block", "", 0, content=html))
                position += 3
                continue
        _style(token, colors)
        styled.append(token)
        position += 1
    rendered: str = PARSER.renderer.render(styled, PARSER.options, {})
    return rendered


def _block(inline: Token, blocks: Mapping[str, Drawn]) -> str | None:
    marked = MARKED.fullmatch(inline.content)
    return blocks[marked[1]].html if marked and marked[1] in blocks else None


def _button(inline: Token, colors: Colors) -> str | None:
    link = lone_link(inline)
    if link is None:
        return None
    label, address = (escape(part) for part in link)
    return (
        '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:8px 0 24px">'
        f'<tr><td bgcolor="{colors.accent}" style="border-radius:8px;background:{colors.accent}">'
        f'<a href="{address}" style="display:inline-block;padding:14px 26px;border-radius:8px;'
        f"font-weight:700;font-size:16px;line-height:20px;text-align:center;color:{colors.on_accent};text-decoration:none;"
        f'border:1px solid {colors.accent}">{label}</a></td></tr></table>'
    )


def _style(token: Token, colors: Colors) -> None:
    style = HEADINGS.get(token.tag) if token.type == "heading_open" else STYLES.get(token.type)
    if token.type == "paragraph_open" and token.level > 0:
        style = WITHIN
    if style:
        token.attrSet("style", style)
    for child in token.children or []:
        if child.type == "link_open":
            child.attrSet("style", f"color:{colors.link};text-decoration:underline")
            child.attrSet("class", "link")
