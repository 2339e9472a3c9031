"""What templates know of who is signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest


def who_and_what_was_done(request: HttpRequest) -> dict[str, Any]:
    """Give the pages of accounts the person and what is to be told once; other pages get nothing."""
    if not hasattr(request, "allauth"):
        return {}
    return {"user": request.user, "messages": get_messages(request)}
