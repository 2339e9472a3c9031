"""Files in forms: read no further than such a file may be long."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from kassa.core.errors import InvalidInput, KassaError

AROUND_THE_FILE = 64 * 1024
"""How much a form may have beside its file."""


def file_in(
    request: HttpRequest, *, max_bytes: int, too_large: Callable[[int], KassaError]
) -> UploadedFile[bytes]:
    """Return the one file of a form, of which no more is read than a file may have.

    Raises:
        KassaError: it is longer; which one, ``too_large`` says.
        InvalidInput: it is no form, or one without a file.
    """
    if _length(request) > max_bytes + AROUND_THE_FILE:
        raise too_large(max_bytes)
    try:
        files = request.FILES.getlist("file")
    except (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent) as error:
        raise InvalidInput("The form cannot be read. Send one part named 'file'.", field="file") from error
    if len(files) != 1 or not files[0].size:
        raise InvalidInput("Send one file in a part named 'file', as multipart/form-data.", field="file")
    if files[0].size > max_bytes:
        raise too_large(max_bytes)
    return files[0]


def text_in(request: HttpRequest, name: str, *, longest: int) -> str:
    """Return a text that came beside the file; empty where there is none.

    Raises:
        InvalidInput: it is longer, or no text.
    """
    text = request.POST.get(name, "")
    if len(text) > longest or "\x00" in text:
        raise InvalidInput(f"Send a text of at most {longest} characters.", field=name)
    return text


def _length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or "0"
    return int(given) if given.isascii() and given.isdigit() else 0
