"""Where somebody goes who is let in: an address of this very site, and of no other."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

NEXT_LENGTH = 2_000
_CONTROL = re.compile(r"[\x00-\x20\x7f\\]")
HOME = "/"


def next_address(request: HttpRequest) -> str:
    """Return where a visitor wants to go, if that is a path of this site; else its front page."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    is_path = wanted.startswith("/") and len(wanted) <= NEXT_LENGTH and not _CONTROL.search(wanted)
    return wanted if is_path and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else HOME
