"""The OpenAPI document: what ninja finds in the code, and what it cannot know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from kassa.api.auth import Requires
from kassa.api.field_descriptions import FIELDS, PARAMETERS
from kassa.api.late_response import LateResponse
from kassa.api.problems import PROBLEM_SCHEMA
from kassa.api.tags import TAGS


class DescribedAPI(NinjaAPI):
    """An API whose description stands by itself and names nothing by where the code lies."""

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        return LateResponse(self.get_content_type())

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
        document["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
        permissions = dict(self._permissions())
        for path in document["paths"].values():
            for operation in path.values():
                operation.setdefault("description", f"{operation['summary']}.")
                if permission := permissions.get(operation["operationId"]):
                    operation["x-permission"] = permission
                for parameter in operation["parameters"]:
                    # The schema has them too; here ninja puts them in a form that OpenAPI does not know.
                    parameter.pop("examples", None)
                    _describe_parameter(parameter)
        for name, schema in document["components"]["schemas"].items():
            _describe_fields(name, schema)
        return document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return what generated clients call the operation: ``orders_place_order``."""
        noun = operation.view_func.__module__.rpartition(".")[-1]
        return f"{noun}_{operation.view_func.__name__}"

    def _permissions(self) -> Iterator[tuple[str, str]]:
        """Yield the right that each operation needs; one that asks for no key has none."""
        for router in self._get_bound_routers():
            for view in router.path_operations.values():
                for operation in view.operations:
                    for required in operation.auth_callbacks:
                        if isinstance(required, Requires):
                            yield self.get_openapi_operation_id(operation), str(required.permission)


def _describe_parameter(parameter: dict[str, Any]) -> None:
    name = parameter["name"]
    described = parameter.get("description") or PARAMETERS.get(name) or FIELDS.get(name)
    if described:
        parameter["description"] = described


def _describe_fields(name: str, schema: dict[str, Any]) -> None:
    """Give each field of a shape a description: its own, that of this shape's field, or that of its name."""
    for field, inner in schema.get("properties", {}).items():
        known = FIELDS.get(f"{name}.{field}") or FIELDS.get(field) or PARAMETERS.get(field)
        described = inner.get("description") or known
        if described:
            inner["description"] = described
