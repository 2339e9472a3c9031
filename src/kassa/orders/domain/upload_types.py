"""What a file is, by its first bytes, and what it may be called. Pure."""

from __future__ import annotations

import unicodedata

from kassa.orders.enums import UploadType

MAX_BYTES = 5 * 1024 * 1024
MAGIC = {
    b"%PDF-": UploadType.PDF,
    b"\xff\xd8\xff": UploadType.JPEG,
    b"\x89PNG\r\n\x1a\n": UploadType.PNG,
}
ENDINGS = {
    UploadType.PDF: (".pdf",),
    UploadType.JPEG: (".jpg", ".jpeg"),
    UploadType.PNG: (".png",),
}
NOT_IN_NAMES = frozenset('/\\:*?"<>|')
LONGEST_NAME = 200


def type_of(content: bytes) -> UploadType | None:
    """Return what a file is, whatever its name says. None: nothing that is taken."""
    return next((kind for magic, kind in MAGIC.items() if content.startswith(magic)), None)


def tidy_name(name: str, kind: UploadType) -> str:
    """Return a name under which any system can save the file, ending as its content says."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem = "".join(
        each for each in last if each not in NOT_IN_NAMES and not unicodedata.category(each).startswith("C")
    )
    ending = next((one for one in ENDINGS[kind] if stem.lower().endswith(one)), "")
    stem = stem[: len(stem) - len(ending)].strip(" .")
    ending = ending or ENDINGS[kind][0]
    return f"{stem[: LONGEST_NAME - len(ending)].strip(' .') or 'file'}{ending}"
