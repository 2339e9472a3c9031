"""What a file is and how large, by its content alone."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kassa.pictures.domain.files import size_of, type_of
from kassa.pictures.enums import PictureType
from tests.support.factories import DRAWING


def picture(kind: str, *, size: tuple[int, int] = (64, 80), **how: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA" if how.pop("clear", False) else "RGB", size, "#7a1f3d").save(file, kind, **how)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (picture("PNG"), PictureType.PNG),
        (picture("JPEG"), PictureType.JPEG),
        (picture("JPEG", progressive=True), PictureType.JPEG),
        (picture("WEBP"), PictureType.WEBP),
        (picture("WEBP", lossless=True), PictureType.WEBP),
        (picture("WEBP", clear=True, exif=b"Exif\0\0II*\0"), PictureType.WEBP),
    ],
    ids=["png", "jpeg", "progressive", "webp", "lossless", "extended"],
)
def test_kind_and_size_are_told_by_the_content(content: bytes, media_type: PictureType) -> None:
    assert (type_of(content), size_of(content, media_type)) == (media_type, (64, 80))


def test_drawings_have_the_size_of_their_view_box() -> None:
    assert (type_of(DRAWING), size_of(DRAWING, PictureType.SVG)) == (PictureType.SVG, (800, 1000))


@given(
    st.binary(max_size=60), st.sampled_from([b"", b"RIFF0000WEBPVP8 ", b"RIFF0000WEBPVP8X", b"\xff\xd8\xff"])
)
def test_noise_has_no_size_and_does_no_harm(noise: bytes, head: bytes) -> None:
    kind = type_of(head + noise)
    if kind is not None:
        try:
            width, height = size_of(head + noise, kind)
        except ValueError:
            return
        assert min(width, height) > 0


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<html><svg/></html>", b"%PDF-1.7", b"RIFF0000WAVE"])
def test_other_files_are_no_pictures(content: bytes) -> None:
    assert type_of(content) is None


@pytest.mark.parametrize("end", [b"<svg>", b""])
def test_many_comments_are_read_once(end: bytes) -> None:
    content = b"<?xml version='1.0'?> " + b"<!-- - -->\n" * 300 + end

    assert type_of(content) == (PictureType.SVG if end else None)
