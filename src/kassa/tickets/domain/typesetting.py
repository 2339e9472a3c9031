"""Pages out of data: the template, the fonts, and the one compiler that knows them."""

from __future__ import annotations

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


def typeset(data: Mapping[str, Any], *, now: datetime) -> bytes:
    """Return the PDF file of a document; the same data at the same moment gives the same file.

    Raises:
        typst.TypstError: the template does not fit the data, or a picture in it cannot be drawn.
    """
    compiler = typst.Compiler(
        _template(), font_paths=_fonts(), sys_inputs={"data": orjson.dumps(data).decode()}
    )
    made = compiler.compile(format="pdf", timestamp=now.replace(microsecond=0))
    if not isinstance(made, bytes):
        raise TypeError("A PDF is one file.")
    return made


@cache
def _fonts() -> typst.Fonts:
    """Return our own fonts and no other: looking for those of the system would take longer than a ticket."""
    folders = [
        str(FONTS),
        *(str(files(package) / "files") for package in FONT_PACKAGES),
    ]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()
