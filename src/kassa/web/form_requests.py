"""Reading a form that was sent: from our own pages alone, and no longer than ours can be."""

from __future__ import annotations

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from kassa.core.errors import InvalidInput
from kassa.core.form_origin import SAFE_METHODS

LONGEST_FORM = 64 * 1024 * 1024
"""Bytes, files included: those of ten tickets, as large as they may be, and some room."""


def parse_form(request: HttpRequest) -> None:
    """Parse what was sent; later it is at hand as ``request.POST``.

    Raises:
        InvalidInput: it is no form, or far longer than one of ours.
    """
    if request.method in SAFE_METHODS:
        return
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_FORM:
        raise InvalidInput("The form is too long.")
    try:
        _ = request.POST
    except (BadRequest, MultiPartParserError, SuspiciousOperation) as error:
        raise InvalidInput("The form cannot be read.") from error
