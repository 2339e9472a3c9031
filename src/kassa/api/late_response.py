"""Responses that are made only when something is put into them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase


class LateResponse(HttpResponse):
    """What ninja makes for each request before its view runs; most views of an on-sale return their own.

    It is one like any other as soon as anything of it is asked for but its status.
    """

    def __init__(self, content_type: str) -> None:
        self._late_type = content_type

    def __getattr__(self, name: str) -> Any:
        """Make it; this is called for attributes that are not there."""
        made = self.__dict__
        if "headers" in made:
            raise AttributeError(name)
        HttpResponseBase.__init__(self, content_type=self._late_type)
        if "_container" not in made:
            self.content = b""
        return getattr(self, name)
