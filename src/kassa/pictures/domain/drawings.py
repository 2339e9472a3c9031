"""SVG files of others: only shapes and text; nothing that is fetched, run or blown up. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from kassa.pictures.domain.drawing_styles import OUTSIDE, check_sheet, check_value

MAX_PARTS = 5_000
MAX_DEPTH = 60
MAX_DRAWN = 20_000
"""Parts that are drawn in the end, with those counted again that are used more than once."""

MAX_STYLES = 200_000
"""Characters of styles that have to be read to know what they say."""

_SPACE = "{http://www.w3.org/2000/svg}"
_ALLOWED = frozenset(
    f"{_SPACE}{name}"
    for names in (
        ("svg", "g", "defs", "symbol", "use", "switch", "title", "desc", "metadata", "style", "view"),
        ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath"),
        ("linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "marker"),
    )
    for name in names
)
_EDITORS = (
    "{http://www.inkscape.org",
    "{http://sodipodi",
    "{http://creativecommons",
    "{http://www.w3.org/1999/02",
    "{http://purl.org/dc/",
)
"""What drawing programs write for themselves, which nobody draws."""
_XML = "{http://www.w3.org/XML/1998/namespace}"
_XML_ATTRIBUTES = frozenset({f"{_XML}lang", f"{_XML}space", f"{_XML}id"})
_XLINK = "{http://www.w3.org/1999/xlink}"
_STYLES = frozenset(
    name
    for names in (
        ("style", "fill", "stroke", "color", "stop-color", "flood-color", "lighting-color", "opacity"),
        ("clip-path", "mask", "filter", "cursor", "marker", "marker-start", "marker-mid", "marker-end"),
        ("transform", "gradientTransform", "patternTransform", "font", "font-family", "stroke-dasharray"),
        ("mask-image", "background", "background-image", "content", "list-style-image", "shape-inside"),
    )
    for name in names
)
"""Attributes that browsers read as styles, and whose values may point at something."""
_ENCODING = re.compile(r"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)""", re.IGNORECASE)
_POINTING = re.compile(r"[(\\@]")
_HREF = re.compile(r"(^|\})href$")
_ADDRESS = re.compile(r"url\(\s*['\"]?\s*(#?)([^'\")]*)", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:px|pt|mm|cm|in)?\s*$")


def check_drawing(content: bytes) -> None:
    """Let a drawing pass that is safe.

    Raises:
        ValueError: it is no SVG, fetches something, or holds what is not drawn here.
    """
    root = _root_of(content)
    parts = list(_walk(root))
    if len(parts) > MAX_PARTS:
        raise ValueError(f"it has more than {MAX_PARTS} parts.")
    if sum(len(text) for part in parts for text in _iterate_styles(part)) > MAX_STYLES:
        raise ValueError(f"its styles have more than {MAX_STYLES} characters.")
    try:
        for part in parts:
            _check_part(part)
    except RecursionError as error:
        raise ValueError("its styles lie too deep in each other.") from error
    if _drawn(root) > MAX_DRAWN:
        raise ValueError(f"more than {MAX_DRAWN} parts of it would be drawn.")


def size_of_drawing(content: bytes) -> tuple[float, float]:
    """Return a drawing's width and height in its own units.

    Raises:
        ValueError: it does not say.
    """
    root = _root_of(content)
    box = re.split(r"[\s,]+", root.attrib.get("viewBox", "").strip())
    if len(box) == 4:
        width, height = float(box[2]), float(box[3])
    else:
        given = [_NUMBER.match(root.attrib.get(name, "")) for name in ("width", "height")]
        if given[0] is None or given[1] is None:
            raise ValueError("it has neither a viewBox nor a width and height.")
        width, height = float(given[0][1]), float(given[1][1])
    if not (0 < width < 1e6 and 0 < height < 1e6 and 1 / 50 < width / height < 50):
        raise ValueError("its size is not one that can be printed.")
    return width, height


def _root_of(content: bytes) -> Element:
    text = content.decode("utf-8-sig")
    # Without a document type there are no entities, and so nothing that grows or is fetched while it is read.
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise ValueError("it has a document type; save it without.")
    declared = _ENCODING.match(text)
    if declared is not None and declared[1].lower() not in ("utf-8", "us-ascii"):
        raise ValueError("it is not written in UTF-8.")
    parser = XMLParser(target=_Parts())  # noqa: S314
    try:
        parser.feed(text)
        root: Element = parser.close()
    except ParseError as error:
        raise ValueError(f"it is no XML: {error}.") from error
    if root.tag != f"{_SPACE}svg":
        raise ValueError("it is no SVG.")
    return root


class _Parts(TreeBuilder):
    """Builds the parts of a drawing, which is no document that says how another program is to show it."""

    def pi(self, target: str, text: str | None = None) -> NoReturn:
        raise ValueError(f"it has an instruction '{target[:20]}' for other programs.")


def _walk(root: Element) -> list[Element]:
    """Return all parts, those too that lie in what editors wrote for themselves: a browser shows them."""
    found, waiting = [], [(root, 1)]
    while waiting:
        part, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"its parts lie more than {MAX_DEPTH} deep in each other.")
        found.append(part)
        waiting += [(child, depth + 1) for child in part]
    return found


def _check_part(part: Element) -> None:
    if part.tag not in _ALLOWED and not part.tag.startswith(_EDITORS):
        raise ValueError(f"'{part.tag.rpartition('}')[2][:40]}' is not drawn here.")
    for name, value in part.attrib.items():
        _check_attribute(name, value)
    if part.tag == f"{_SPACE}style":
        check_sheet("".join(part.itertext()))
    else:
        for value in _iterate_styles(part):
            check_value(value)


def _iterate_styles(part: Element) -> Iterator[str]:
    """Go through what a part has of styles that may point at something: plain colours and figures do not."""
    if part.tag == f"{_SPACE}style":
        yield "".join(part.itertext())
    yield from (value for name, value in part.attrib.items() if name in _STYLES and _POINTING.search(value))


def _check_attribute(name: str, value: str) -> None:
    if name.lower().startswith("on"):
        raise ValueError("it holds a script.")
    if name.startswith("{") and name not in _XML_ATTRIBUTES and not name.startswith((_XLINK, *_EDITORS)):
        raise ValueError(f"it has an attribute '{name.rpartition('}')[2][:20]}' that nobody needs to draw.")
    outside = _HREF.search(name) and not value.strip().startswith("#")
    if outside or any(not mark for mark, _ in _ADDRESS.findall(value)):
        raise ValueError(OUTSIDE)


def _drawn(root: Element) -> int:
    """Return how many parts are drawn, with each that is used counted as often as it is."""
    named = {part.attrib["id"]: part for part in root.iter() if "id" in part.attrib}
    counted: dict[Element, int] = {}
    under_way: set[Element] = set()

    def count(part: Element) -> int:
        if part in under_way:
            raise ValueError("a part of it uses itself.")
        if part not in counted:
            under_way.add(part)
            inner = [*part, *(named[name] for name in _used_by(part) if name in named)]
            counted[part] = min(1 + sum(count(each) for each in inner), MAX_DRAWN + 1)
            under_way.remove(part)
        return counted[part]

    try:
        return count(root)
    except RecursionError as error:
        raise ValueError("its parts use each other in too long a row.") from error


def _used_by(part: Element) -> Iterator[str]:
    """Go through the ids that a part points at."""
    for name, value in part.attrib.items():
        if _HREF.search(name):
            yield value.strip().removeprefix("#")
        yield from (target.strip() for _, target in _ADDRESS.findall(value))
