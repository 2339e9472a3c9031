"""A command names the right it needs, and refuses whoever lacks it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from kassa.core.actor import Actor, ActorKind
from kassa.core.command_context import CommandContext
from kassa.core.commands import command
from kassa.core.errors import ChangedMeanwhile, NotFound, PermissionMissing
from kassa.core.permissions import Permission
from kassa.core.versions import require_version

NOW = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
HERE, SOMEBODY, TICKET = UUID(int=1), UUID(int=2), UUID(int=3)


@command(Permission.TICKET_WRITE, or_kinds=[ActorKind.HOLDER])
def rename(context: CommandContext, name: str, *, upper: bool = False) -> str:
    """Change a name."""
    return name.upper() if upper else name


def context(actor: Actor) -> CommandContext:
    return CommandContext(actor, NOW)


def test_a_command_says_which_right_it_needs() -> None:
    assert rename.permission == Permission.TICKET_WRITE
    assert rename.__doc__ == "Change a name."


def test_a_command_runs_for_whoever_has_the_right() -> None:
    member = Actor.member(HERE, SOMEBODY, frozenset({Permission.TICKET_WRITE}))

    assert rename(context(member), "Ada", upper=True) == "ADA"


def test_a_command_refuses_whoever_lacks_the_right() -> None:
    member = Actor.member(HERE, SOMEBODY, frozenset({Permission.TICKET_READ}))

    with pytest.raises(PermissionMissing) as refused:
        rename(context(member), "Ada")
    assert refused.value.details["permission"] == "ticket:write"
    with pytest.raises(PermissionMissing):
        rename(context(Actor.buyer(HERE)), "Ada")


def test_a_command_runs_without_the_right_for_the_kinds_that_it_names() -> None:
    assert rename(context(Actor.holder(HERE, TICKET)), "Ada") == "Ada"


def test_an_actor_limited_to_events_knows_of_no_other() -> None:
    limited = Actor.member(HERE, SOMEBODY, frozenset(), event_ids=frozenset({UUID(int=7)}))

    limited.require_event(UUID(int=7))
    with pytest.raises(NotFound):
        limited.require_event(UUID(int=8))
    Actor.member(HERE, SOMEBODY, frozenset()).require_event(UUID(int=8))


class Row:
    updated_at = NOW


def test_only_the_version_that_was_read_is_changed() -> None:
    row = Row()

    require_version(row, None)
    require_version(row, NOW)
    with pytest.raises(ChangedMeanwhile) as refused:
        require_version(row, datetime(2027, 3, 1, 9, 29, tzinfo=UTC))
    assert refused.value.current is row
