"""Styles in drawings of others: colours, lines and places; nothing that is fetched. Pure.

They are read as a browser reads them, so that no escape hides what a style says.
"""

from __future__ import annotations

from collections.abc import Iterable

import tinycss2
from tinycss2.ast import AtRule, FunctionBlock, Node, ParseError, QualifiedRule, URLToken

AT_RULES = frozenset({"media"})
FUNCTIONS = frozenset(
    {"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix"}
    | {"calc", "min", "max", "clamp", "var", "url", "not", "is", "where", "nth-child", "nth-of-type"}
    | {"matrix", "matrix3d", "perspective", "cubic-bezier", "steps"}
    | {"translate", "translatex", "translatey", "translatez", "translate3d"}
    | {"scale", "scalex", "scaley", "scalez", "scale3d"}
    | {"rotate", "rotatex", "rotatey", "rotatez", "rotate3d", "skew", "skewx", "skewy"}
    | {"inset", "circle", "ellipse", "polygon", "path", "rect", "local", "format"}
)
OUTSIDE = "its style points at something outside."


def check_sheet(text: str) -> None:
    """Let a style sheet pass that is safe.

    Raises:
        ValueError: it fetches something, or has what is not needed to draw.
    """
    for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        if isinstance(rule, AtRule) and rule.lower_at_keyword not in AT_RULES:
            raise ValueError(f"its style sheet has a rule '@{rule.at_keyword[:20]}'.")
        if isinstance(rule, AtRule | QualifiedRule):
            _check(rule.prelude)
            _check(rule.content or ())
        else:
            _check([rule])


def check_value(text: str) -> None:
    """Let the value of a style, or a few of them, pass that is safe.

    Raises:
        ValueError: it fetches something, or has what is not needed to draw.
    """
    _check(tinycss2.parse_component_value_list(text, skip_comments=True))


def _check(parts: Iterable[Node]) -> None:
    for part in parts:
        if isinstance(part, URLToken):
            _check_address(part.value)
        elif isinstance(part, FunctionBlock):
            _check_function(part)
        elif part.type == "at-keyword" and part.lower_value not in AT_RULES:
            raise ValueError(f"its style sheet has a rule '@{part.value[:20]}'.")
        elif isinstance(part, ParseError) and part.kind in ("bad-url", "bad-string"):
            raise ValueError("its style cannot be read.")
        _check(getattr(part, "content", None) or ())


def _check_function(function: FunctionBlock) -> None:
    if function.lower_name not in FUNCTIONS:
        raise ValueError(f"its style has a function '{function.name[:20]}'.")
    if function.lower_name == "url":
        said = [part.value for part in function.arguments if part.type == "string"]
        _check_address(said[0] if said else "")
    _check(function.arguments)


def _check_address(address: str) -> None:
    if not address.strip().startswith("#"):
        raise ValueError(OUTSIDE)
