"""The HTTP API as a program of an organisation calls it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from kassa.organizations.models import Organization
from tests.support.factories import make_key


@dataclass
class ApiClient:
    """The HTTP API as one key sees it."""

    secret: str

    def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> Any:
        """Call and return the response; ``body`` is sent as JSON."""
        given: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {self.secret}", **headers}
        if key is not None:
            given["HTTP_IDEMPOTENCY_KEY"] = key
        data = "" if body is None else json.dumps(body)
        return Client().generic(method, path, data, content_type="application/json", **given)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return self.call("POST", path, body, key=key)

    def put(self, path: str, body: Any) -> Any:
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)

    def order(self, *lines: dict[str, Any], key: str | None = None, **fields: Any) -> Any:
        """Place an order for Ada."""
        return self.post(
            "/api/v1/orders",
            {"lines": list(lines), "customer": {"email": "ada@example.com"}, **fields},
            key=key,
        )


def make_api_client(organization: Organization) -> ApiClient:
    return ApiClient(make_key(organization))
