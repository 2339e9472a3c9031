"""Which files the scanner consists of, and which version they make together."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.template.loader import render_to_string
from django.templatetags.static import static

FOLDER = Path(__file__).parent / "static"
OWN = FOLDER / "checkin"
KEPT = (".js", ".css", ".svg", ".png", ".wasm")
STYLES = "web/tokens.css"
"""What it shares with other faces."""


@cache
def files() -> tuple[str, ...]:
    """Return the addresses of all files that a phone keeps to start without a network."""
    found = sorted(path for path in OWN.rglob("*") if path.suffix in KEPT)
    return tuple(static(name) for name in (STYLES, *(str(path.relative_to(FOLDER)) for path in found)))


@cache
def version() -> str:
    """Return what changes whenever any file or the page does: the name of the phone's store of them."""
    whole = hashlib.sha256()
    for path in sorted(path for path in OWN.rglob("*") if path.suffix in KEPT):
        whole.update(str(path.relative_to(OWN)).encode() + b"\0" + path.read_bytes() + b"\0")
    whole.update(render_to_string("checkin/index.html").encode())
    return whole.hexdigest()[:16]
