"""Query parameters: each operation takes those it declares, each once, and refuses all others."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja.operation import Operation

from kassa.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class QueryParameters:
    """The query parameters that an operation declares."""

    names: frozenset[str]
    repeatable: frozenset[str]
    """Those that may be sent several times: lists."""

    def check(self, sent: Any) -> None:
        """Refuse a ``QueryDict`` that holds anything else.

        Raises:
            InvalidInput: a parameter is unknown, or one that takes a single value is sent several times.
        """
        unknown = sorted(sent.keys() - self.names)
        if unknown:
            raise InvalidInput(
                f"There is no query parameter of this name here. {self._list_known()}",
                field=unknown[0][:100],
                known=sorted(self.names),
            )
        for name, values in sent.lists():
            if len(values) > 1 and name not in self.repeatable:
                raise InvalidInput("Send this query parameter once: it takes a single value.", field=name)

    def _list_known(self) -> str:
        if not self.names:
            return "This operation takes none: what it is to do stands in its body."
        return f"Known are {', '.join(sorted(self.names))}."


def declared_parameters(operation: Operation) -> QueryParameters:
    """Return what an operation's signature declares, as its description shows it."""
    names: set[str] = set()
    repeatable: Collection[str] = set()
    for model in operation.models:
        if model.__ninja_param_source__ == "query":
            names |= getattr(model, "__ninja_flatten_map__", {}).keys()
            repeatable = getattr(model, "__ninja_collection_fields__", ())
    return QueryParameters(frozenset(names), frozenset(repeatable))


def refuse_unknown_parameters(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view run only if the query has nothing but what its operation declares.

    A parameter in the wrong place would otherwise be passed over in silence: ``?dry_run=true``, which
    belongs into the body of a refund, would pay everything back.
    """
    operation = view._ninja_operation  # type: ignore[attr-defined]  # noqa: SLF001  # ninja leaves it there
    declared = declared_parameters(operation)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.META.get("QUERY_STRING"):
            declared.check(request.GET)
        return view(request, *args, **kwargs)

    return answer
