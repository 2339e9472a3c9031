"""An organiser's own words are tried before they are kept: what cannot be used is told with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from liquid import BoundTemplate

from kassa.core.languages import Language
from kassa.notifications.domain.compose import compose_with
from kassa.notifications.domain.context import values_of
from kassa.notifications.domain.placeholders import BLOCKS, LISTS, PLACEHOLDERS
from kassa.notifications.domain.sample import sample_of
from kassa.notifications.domain.texts import Words, default_words
from kassa.notifications.domain.wording import TextUnusable, parse_body, parse_subject
from kassa.notifications.enums import MessageKind
from kassa.notifications.errors import TemplateNotUsable
from kassa.organizations.models import OrganizationSettings

LOOP = re.compile(r"{%-?\s*for\s+(\w+)\s+in\s+(\w+)")
ALWAYS = frozenset({"forloop"})
LENGTH = frozenset({"size", "first", "last"})
"""What every list and text has."""


def check_words(
    settings: OrganizationSettings, kind: MessageKind, language: Language, words: Words, *, now: datetime
) -> None:
    """Let words pass that can be used; empty ones stand for Kassa's own.

    Raises:
        TemplateNotUsable: they do not parse, name what there is not, or never end.
    """
    _check("subject", words.subject, parse_subject, kind)
    _check("body", words.body, parse_body, kind)
    standard = default_words(kind, language)
    sample = sample_of(settings, kind, language, now=now)
    values = values_of(sample.message, sample.facts)
    for field, tried in (
        ("subject", Words(words.subject or standard.subject, standard.body)),
        ("body", Words(standard.subject, words.body or standard.body)),
    ):
        try:
            compose_with(tried, sample.message, sample.facts, values)
        except TextUnusable as error:
            raise TemplateNotUsable(field, error.problem, line=error.line or 1) from error


def _check(field: str, source: str, parse: Callable[[str], BoundTemplate], kind: MessageKind) -> None:
    try:
        template = parse(source)
    except TextUnusable as error:
        line = error.line or source.count("\n") + 1
        raise TemplateNotUsable(field, error.problem, line=line) from error
    known = PLACEHOLDERS[kind]
    loops = {name: known.get(of) for name, of in LOOP.findall(source)}
    for variables in template.analyze(include_partials=False).variables.values():
        for variable in variables:
            root, *path = variable.segments
            line, _ = variable.span.line_col(source)
            if root in ALWAYS or (root in known and not (field == "subject" and root in BLOCKS)):
                fields = known.get(str(root)) if root not in LISTS else None
            elif root in loops:
                fields = loops[str(root)]
            else:
                raise TemplateNotUsable(field, f"there is no placeholder '{variable}' here.", line=line)
            # A name that another placeholder gives, as in order[event.title], is a list here.
            if isinstance(fields, Mapping) and path and path[0] not in [*fields, *LENGTH]:
                raise TemplateNotUsable(field, f"there is no placeholder '{variable}' here.", line=line)
