"""What a fake camera shows: a QR code, or nothing, as a film of raw pictures."""

from __future__ import annotations

from pathlib import Path

import segno

WIDTH, HEIGHT = 640, 480
MODULE = 8
"""Pixels along each side of a square of the code."""
QUIET = 4
PAPER, INK, WALL = 0xEE, 0x11, 0x60
FRAMES = 10


def write_film(path: Path, text: str | None) -> None:
    """Write a film of a code held before a grey wall, or of the wall alone; it is shown over and over."""
    rows = _wall() if text is None else _code(text)
    frame = b"FRAME\n" + b"".join(rows) + bytes([128]) * (WIDTH * HEIGHT // 2)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * FRAMES)
    fresh.replace(path)


def _wall() -> list[bytes]:
    return [bytes([WALL]) * WIDTH] * HEIGHT


def _code(text: str) -> list[bytes]:
    code = segno.make_qr(text, error="m", boost_error=False)
    modules = [bytes(INK if dark else PAPER for dark in row) for row in code.matrix_iter(border=QUIET)]
    side = len(modules) * MODULE
    left, top = (WIDTH - side) // 2, (HEIGHT - side) // 2
    rows = _wall()
    for number, row in enumerate(modules):
        pixels = b"".join(bytes([shade]) * MODULE for shade in row)
        line = bytes([WALL]) * left + pixels + bytes([WALL]) * (WIDTH - side - left)
        for pixel in range(MODULE):
            rows[top + number * MODULE + pixel] = line
    return rows
