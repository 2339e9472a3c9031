"""What a view of this API is given."""

from __future__ import annotations

from django.http import HttpRequest

from kassa.identity.actor import Actor


class ApiRequest(HttpRequest):
    """A request that has passed :class:`kassa.api.auth.Requires`."""

    auth: Actor
