"""What a font file says of itself: its family (in the table ``name``), and the letters it has (``cmap``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import error as structure_error
from struct import unpack_from

Range = tuple[int, int]
"""The first and the last letter."""
TYPOGRAPHIC_FAMILY, FAMILY = 16, 1
WINDOWS, UNICODE = 3, 0
ALL_PLANES, FIRST_PLANE = (12, 13), (4,)
"""Formats of a table of letters, the fuller first."""


class FontUnreadable(Exception):
    """The file is no font, or a broken one."""


def read_font(path: Path) -> list[tuple[str, list[Range]]]:
    """Return each face of a font file: its family and its letters.

    Raises:
        FontUnreadable: it is no font, or a broken one.
    """
    data = path.read_bytes()
    try:
        if data[:4] == b"ttcf":
            (count,) = unpack_from(">I", data, 8)
            places: Iterable[int] = unpack_from(f">{count}I", data, 12)
        else:
            places = (0,)
        return [_read_face(data, place) for place in places]
    except (structure_error, KeyError, UnicodeDecodeError, StopIteration) as error:
        raise FontUnreadable(f"{path.name} is not a font that can be read.") from error


def _read_face(data: bytes, place: int) -> tuple[str, list[Range]]:
    (count,) = unpack_from(">H", data, place + 4)
    tables = {}
    for number in range(count):
        tag, _, offset, _ = unpack_from(">4sIII", data, place + 12 + 16 * number)
        tables[tag] = offset
    return _family(data, tables[b"name"]), _merged(_letters(data, tables[b"cmap"]))


def _family(data: bytes, table: int) -> str:
    _, count, texts = unpack_from(">HHH", data, table)
    names: dict[int, str] = {}
    for number in range(count):
        platform, _, _, name, length, offset = unpack_from(">6H", data, table + 6 + 12 * number)
        if platform == WINDOWS and name in (TYPOGRAPHIC_FAMILY, FAMILY):
            start = table + texts + offset
            names.setdefault(name, data[start : start + length].decode("utf-16-be"))
    return names.get(TYPOGRAPHIC_FAMILY) or names[FAMILY]


def _letters(data: bytes, table: int) -> Iterator[Range]:
    (count,) = unpack_from(">H", data, table + 2)
    subtables: dict[int, int] = {}
    for number in range(count):
        platform, encoding, offset = unpack_from(">HHI", data, table + 4 + 8 * number)
        if platform == UNICODE or (platform == WINDOWS and encoding in (1, 10)):
            (form,) = unpack_from(">H", data, table + offset)
            subtables[form] = table + offset
    form = next(form for form in (*ALL_PLANES, *FIRST_PLANE) if form in subtables)
    yield from (_segments if form in FIRST_PLANE else _groups)(data, subtables[form])


def _groups(data: bytes, table: int) -> Iterator[Range]:
    """Yield the letters of a table of format 12 or 13."""
    (count,) = unpack_from(">I", data, table + 12)
    for number in range(count):
        start, end, glyph = unpack_from(">III", data, table + 16 + 12 * number)
        if glyph:
            yield start, end
        elif end > start:
            yield start + 1, end


def _segments(data: bytes, table: int) -> Iterator[Range]:
    """Yield the letters of a table of format 4, in which some of a segment may be missing."""
    (twice,) = unpack_from(">H", data, table + 6)
    count = twice // 2
    ends = unpack_from(f">{count}H", data, table + 14)
    starts = unpack_from(f">{count}H", data, table + 16 + twice)
    deltas = unpack_from(f">{count}H", data, table + 16 + 2 * twice)
    ranges = table + 16 + 3 * twice
    offsets = unpack_from(f">{count}H", data, ranges)
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start > end or start == 0xFFFF:
            continue
        if not offsets[number]:
            missing = -deltas[number] & 0xFFFF
            yield from ((one, one) for one in range(start, end + 1) if one != missing)
            continue
        glyphs = unpack_from(f">{end - start + 1}H", data, ranges + 2 * number + offsets[number])
        yield from ((start + place, start + place) for place, glyph in enumerate(glyphs) if glyph)


def _merged(ranges: Iterable[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
