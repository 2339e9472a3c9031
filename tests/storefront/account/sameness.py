"""What a request does and answers, in a form in which two of them can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from unittest.mock import patch

from django.contrib.auth.hashers import BasePasswordHasher, get_hasher
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kassa.identity.models import AccountMail

LITERAL = re.compile(r"_django_curs_\w+|'(?:[^']|'')*'(?:::\w+)?|\b\d+\b|\bNULL\b", re.IGNORECASE)
NOISE = re.compile(r"SAVEPOINT")
COUNTER = re.compile(r'(?:INSERT INTO|UPDATE) "identity_trycount".*')
"""The counter of tries is made the first time and changed then, for whatever address."""
CHANGING = {"Expires", "Date", "Content-Length"}
"""Headers that say what time it is, or how long a random token came out."""
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


@dataclass(frozen=True)
class Done:
    """One request: what was answered, and the work behind it."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: str
    statements: tuple[str, ...]
    hashed: int
    """How often a password was hashed."""
    letters: int
    """How many letters were written, to whomever."""


def watch(request: Callable[[], Any], *, email: str) -> Done:
    """Send a request and return what it did; the address that was typed counts as any other."""
    hasher = type(get_hasher())
    encode, hashed = hasher.encode, []

    def count(self: BasePasswordHasher, *arguments: Any, **named: Any) -> str:
        hashed.append(self)
        result: str = encode(self, *arguments, **named)
        return result

    before = set(AccountMail.objects.values_list("id", flat=True))
    with patch.object(hasher, "encode", count), CaptureQueriesContext(connection) as queries:
        answer = request()
    statements = [LITERAL.sub("?", one["sql"]) for one in queries if not NOISE.search(one["sql"])]
    return Done(
        status=answer.status_code,
        headers={name: value for name, value in answer.headers.items() if name not in CHANGING},
        cookies=tuple(sorted(answer.cookies)),
        body=TOKEN.sub("", answer.content.decode()).replace(email, "…"),
        statements=tuple(COUNTER.sub("count", one) for one in statements),
        hashed=len(hashed),
        letters=AccountMail.objects.exclude(id__in=before).count(),
    )


def differences(one: list[Done], other: list[Done]) -> list[tuple[int, str, object, object]]:
    """Return in what two visits differ: the number of the request, the field, and its two values."""
    found: list[tuple[int, str, object, object]] = []
    for number, (first, second) in enumerate(zip(one, other, strict=True)):
        pairs = zip(asdict(first).items(), asdict(second).values(), strict=True)
        found += [(number, name, value, against) for (name, value), against in pairs if value != against]
    return found
