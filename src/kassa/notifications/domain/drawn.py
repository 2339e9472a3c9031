"""What both forms of a message share: the parts that Kassa draws, and links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

MARKED = re.compile("\ue000([a-z_]+)\ue001")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message or a part of it, in both forms."""

    html: str
    text: str


def lone_link(inline: Token) -> tuple[str, str] | None:
    """Return the words and the address of a link that stands alone in its paragraph."""
    children = inline.children or []
    if len(children) < 3 or children[0].type != "link_open" or children[-1].type != "link_close":
        return None
    if any(child.type in ("link_open", "link_close") for child in children[1:-1]):
        return None
    return words_of(children[1:-1]), str(children[0].attrs["href"])


def words_of(children: Sequence[Token]) -> str:
    """Return what is written, with the addresses of links behind their words."""
    parts: list[str] = []
    link: tuple[int, str] | None = None
    for child in children:
        match child.type:
            case "text":
                parts.append(child.content)
            case "hardbreak":
                parts.append("\n")
            case "softbreak":
                parts.append(" ")
            case "link_open":
                link = len(parts), str(child.attrs["href"])
            case "link_close" if link is not None:
                start, address = link
                if "".join(parts[start:]) not in address:
                    parts.append(f" ({address.removeprefix('mailto:')})")
    return "".join(parts)
