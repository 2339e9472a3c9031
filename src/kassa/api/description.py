"""The OpenAPI document: what ninja finds in the code, and what it cannot know."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from kassa.api.problems import PROBLEM_SCHEMA


class DescribedAPI(NinjaAPI):
    """An API whose description stands by itself and names nothing by where the code lies."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
        for path in document["paths"].values():
            for operation in path.values():
                for parameter in operation["parameters"]:
                    # The schema has them too; here ninja puts them in a form that OpenAPI does not know.
                    parameter.pop("examples", None)
        return document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return what generated clients call the operation: ``orders_place_order``."""
        noun = operation.view_func.__module__.rpartition(".")[-1]
        return f"{noun}_{operation.view_func.__name__}"
