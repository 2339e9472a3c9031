"""Pages out of data: the template, the fonts, and the one compiler that knows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst

from kassa.typesetting.fonts import families_for, font_folders
from kassa.typesetting.text import with_breaks

MOST_IDLE = 8

NOT_SET = frozenset({"title", "author", "language"})
"""What a document says of itself beside its pages."""

_idle: dict[Path, list[typst.Compiler]] = {}


def typeset(data: Mapping[str, Any], *, template: Path, now: datetime) -> bytes:
    """Return the PDF file of a document; the same data at the same moment gives the same file.

    Raises:
        typst.TypstError: the template does not fit the data, or a picture in it cannot be drawn.
    """
    return _compile(data, template, format="pdf", timestamp=now.replace(microsecond=0))


def paint(data: Mapping[str, Any], *, template: Path) -> bytes:
    """Return the PNG file of a document of one page, with a pixel for each point.

    Raises:
        typst.TypstError: the template does not fit the data, or a picture in it cannot be drawn.
    """
    return _compile(data, template, format="png", ppi=72)


def _compile(data: Mapping[str, Any], template: Path, **how: Any) -> bytes:
    # A compiler serves one thread at a time. Those that have nothing to do are kept: a new one takes
    # longer than half a page. One that failed is not.
    idle = _idle.setdefault(template, [])
    try:
        compiler = idle.pop()
    except IndexError:
        compiler = typst.Compiler(str(template), root=str(template.parent), font_paths=_fonts())
    breakable = {name: value if name in NOT_SET else with_breaks(value) for name, value in data.items()}
    written = orjson.dumps(breakable).decode()
    fonts = families_for(written)
    made = compiler.compile(sys_inputs={"data": written, "fonts": orjson.dumps(fonts).decode()}, **how)
    if not isinstance(made, bytes):
        raise TypeError("A document of more than one page is no picture.")
    if len(idle) < MOST_IDLE:
        idle.append(compiler)
    return made


@cache
def _fonts() -> typst.Fonts:
    """Return our own fonts and no other: looking for those of the system would take longer than a ticket."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=font_folders())
