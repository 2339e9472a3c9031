"""Commands: the functions of a domain that change something because somebody wants it.

Each takes a :class:`~kassa.core.command_context.CommandContext` first, declares beside itself which right
it needs, and writes into the activity log. Faces read the right from the command, so that no two of them can
disagree about it; it is checked again whenever the command is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from kassa.core.actor import ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.errors import Forbidden
from kassa.core.permissions import Permission

P = ParamSpec("P")
R = TypeVar("R")


class Command(Generic[P, R]):
    """A function that changes something, and who may call it."""

    def __init__(
        self,
        run: Callable[Concatenate[CommandContext, P], R],
        permission: Permission | None,
        kinds: Iterable[ActorKind],
    ) -> None:
        self.run = run
        self.permission = permission
        """The right that an actor needs. None: no right allows it, or the rules inside the command decide."""
        self.kinds = frozenset(kinds)
        """The kinds of actor that need no right: the rules inside the command say what they may do.

        Without a right, nobody but they may run it; where there are none either, everybody may try.
        """
        update_wrapper(self, run)

    def __call__(self, context: CommandContext, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the command.

        Raises:
            PermissionMissing: the actor lacks the right.
            Forbidden: no right allows it, and the actor is not of a kind that may.
        """
        if context.actor.kind not in self.kinds:
            if self.permission is not None:
                context.actor.require(self.permission)
            elif self.kinds:
                raise Forbidden(f"This is for {' or '.join(sorted(self.kinds))} alone.")
        return self.run(context, *args, **kwargs)

    def __repr__(self) -> str:
        return f"<command {self.run.__module__}.{self.run.__qualname__}>"


def command(
    permission: Permission | None, *, or_kinds: Iterable[ActorKind] = ()
) -> Callable[[Callable[Concatenate[CommandContext, P], R]], Command[P, R]]:
    """Make a function a command that needs a right; actors of ``or_kinds`` may call it without."""

    def decorate(run: Callable[Concatenate[CommandContext, P], R]) -> Command[P, R]:
        return Command(run, permission, or_kinds)

    return decorate


AnyCommand = Command[Any, Any]
