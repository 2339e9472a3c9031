"""Pages out of data: the template, the fonts, and the one compiler that knows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import typst

PACKAGE = Path(__file__).parent.parent
TEMPLATE = PACKAGE / "typst" / "ticket.typ"
FONTS = PACKAGE / "fonts"
FONT_PACKAGES = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
EVERY_FONT = (
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
    "Droid Sans Fallback",
    "NanumGothic",
    "Noto Emoji",
    "DejaVu Sans Mono",
)
"""In the order in which a letter is looked for."""
MOST_IDLE = 8

_BEYOND_LATIN = re.compile("[^\u0000-\u052f\u1e00-\u1fff\u200b\u2010-\u2026\u20ac]")
"""What Noto Sans may not have. Asking for all fonts costs time, though no letter is taken from them."""

_idle: dict[Path, list[typst.Compiler]] = {}


def typeset(data: Mapping[str, Any], *, now: datetime, template: Path = TEMPLATE) -> bytes:
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
    written = orjson.dumps(data).decode()
    fonts = EVERY_FONT if _BEYOND_LATIN.search(written) else EVERY_FONT[:1]
    made = compiler.compile(sys_inputs={"data": written, "fonts": orjson.dumps(fonts).decode()}, **how)
    if not isinstance(made, bytes):
        raise TypeError("A document of more than one page is no picture.")
    if len(idle) < MOST_IDLE:
        idle.append(compiler)
    return made


@cache
def _fonts() -> typst.Fonts:
    """Return our own fonts and no other: looking for those of the system would take longer than a ticket."""
    folders = [
        str(FONTS),
        *(str(files(package) / "files") for package in FONT_PACKAGES),
    ]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)
