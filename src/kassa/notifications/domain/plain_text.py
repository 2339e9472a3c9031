"""The plain text of a message, from what its Markdown says."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from markdown_it.token import Token

from kassa.notifications.domain.drawn import MARKED, Drawn, lone_link, words_of

WIDTH = 74


class PlainText:
    """Collects paragraphs, with the bullets and quote marks in front of them."""

    def __init__(self, blocks: Mapping[str, Drawn]) -> None:
        self._blocks = blocks
        self._paragraphs: list[str] = []
        self._indents: list[str] = []
        self._counters: list[int | None] = []
        self._bullet = ""
        self._is_tight = False

    def write(self, tokens: Sequence[Token]) -> str:
        for position, token in enumerate(tokens):
            if token.type == "inline":
                self._add(token, is_tight=tokens[position - 1].hidden)
            elif token.type == "hr":
                self._paragraphs.append("-" * 24)
            elif token.type.endswith("_open"):
                self._open(token)
            elif token.type.endswith("_close"):
                self._close(token)
        return "\n\n".join(self._paragraphs)

    def _open(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._counters.append(None)
            case "ordered_list_open":
                self._counters.append(int(token.attrs.get("start", 1)))
            case "list_item_open":
                number = self._counters[-1]
                self._bullet = "- " if number is None else f"{number}. "
                self._counters[-1] = None if number is None else number + 1
                self._indents.append(" " * len(self._bullet))
            case "blockquote_open":
                self._indents.append("> ")

    def _close(self, token: Token) -> None:
        match token.type:
            case "bullet_list_close" | "ordered_list_close":
                self._counters.pop()
                self._is_tight = False
            case "list_item_close" | "blockquote_close":
                self._indents.pop()
                self._bullet = ""

    def _add(self, token: Token, *, is_tight: bool) -> None:
        rest = "".join(self._indents)
        first = rest[: -len(self._bullet)] + self._bullet if self._bullet else rest
        paragraph = self._paragraph(token, first, rest)
        if is_tight and self._is_tight:
            self._paragraphs[-1] += f"\n{paragraph}"
        else:
            self._paragraphs.append(paragraph)
        self._is_tight = is_tight
        self._bullet = ""

    def _paragraph(self, token: Token, first: str, rest: str) -> str:
        marked = MARKED.fullmatch(token.content)
        if marked and marked[1] in self._blocks:
            return textwrap.indent(self._blocks[marked[1]].text, rest)
        lone = lone_link(token)
        if lone is not None:
            return f"{first}{lone[0]}:\n{rest}{lone[1]}"
        return "\n".join(
            textwrap.fill(
                line,
                WIDTH,
                initial_indent=rest if number else first,
                subsequent_indent=rest,
                break_long_words=False,
                break_on_hyphens=False,
            )
            for number, line in enumerate(words_of(token.children or []).split("\n"))
        )
