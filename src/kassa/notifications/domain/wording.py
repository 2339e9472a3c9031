"""Texts with placeholders: Liquid, of which only what cannot do harm.

There are conditions and loops, and a few filters. There are no files, no assignments, and no values but those
of the message; loops and output end early.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TextIO

from liquid import BoundTemplate, Environment, RenderContext, StrictUndefined
from liquid.builtin import register
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError
from liquid.stringify import to_liquid_string

TAGS = ("content", "output", "illegal", "if", "unless", "case", "for", "break", "continue", "comment", "#")
FILTERS = (
    "default",
    "upcase",
    "downcase",
    "capitalize",
    "size",
    "first",
    "last",
    "join",
    "strip",
    "truncate",
)
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
UNSEEN = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ue000-\uf8ff\ufeff]"
)
"""What steers a screen or a mail program rather than being read; ``Block`` is marked by some of it."""


class TextUnusable(Exception):
    """A text cannot be parsed, or what it says cannot be done."""

    def __init__(self, problem: str, line: int | None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        """From 1. None: it is not known."""


class Block(str):
    """What stands in the text for a part that is drawn by Kassa, such as the summary of an order."""

    __slots__ = ()

    @property
    def mark(self) -> str:
        return f"\ue000{self}\ue001"


class _EscapedOutput(OutputNode):
    """Writes a value so that Markdown takes it for nothing but text."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        if isinstance(value, Block):
            return buffer.write(f"\n\n{value.mark}\n\n")
        return buffer.write(PUNCTUATION.sub(r"\\\1", one_line(to_liquid_string(value, autoescape=False))))


class _PlainOutput(OutputNode):
    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = self.expression.evaluate(context)
        return buffer.write(one_line(to_liquid_string(value, autoescape=False)))


class _BodyOutput(Output):
    node_class = _EscapedOutput


class _SubjectOutput(Output):
    node_class = _PlainOutput


class _Texts(Environment):
    loop_iteration_limit = 1000
    output_stream_limit = 100_000
    context_depth_limit = 10
    block_nesting_limit = 10
    output: type[Output]

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        register(self)
        self.add_tag(self.output)
        self.tags = {name: tag for name, tag in self.tags.items() if name in TAGS}
        self.filters = {name: one for name, one in self.filters.items() if name in FILTERS}


class _Bodies(_Texts):
    output = _BodyOutput


class _Subjects(_Texts):
    output = _SubjectOutput


BODIES = _Bodies(undefined=StrictUndefined)
SUBJECTS = _Subjects(undefined=StrictUndefined)


def one_line(text: str) -> str:
    """Return a value as one line of text, without what steers a screen."""
    return " ".join(UNSEEN.sub("", text).split())


@lru_cache(maxsize=1024)
def parse_body(source: str) -> BoundTemplate:
    """Return a body that can be filled in.

    Raises:
        TextUnusable: it does not parse.
    """
    return _parse(BODIES, source)


@lru_cache(maxsize=1024)
def parse_subject(source: str) -> BoundTemplate:
    """Return a subject that can be filled in. Raises as :func:`parse_body`."""
    return _parse(SUBJECTS, source)


def fill(template: BoundTemplate, values: Mapping[str, Any]) -> str:
    """Return a text with its placeholders filled in.

    Raises:
        TextUnusable: it names what there is not, or goes on for too long.
    """
    try:
        return template.render(**values)
    except LiquidError as error:
        raise _unusable(error) from error
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise TextUnusable(str(error), None) from error


def _parse(texts: Environment, source: str) -> BoundTemplate:
    try:
        return texts.from_string(source)
    except LiquidError as error:
        raise _unusable(error) from error
    except RecursionError as error:
        raise TextUnusable("There is too much inside each other.", None) from error


def _unusable(error: LiquidError) -> TextUnusable:
    context = error.context()
    return TextUnusable(str(error.message), context[0] if context else None)
