"""Lint every text that people read: ``python -m scripts.prose``. Exits with 1 if a text breaks a rule."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from scripts.prose.rules import find_faults
from scripts.prose.texts import Text, list_texts


def list_reports(texts: Iterable[Text]) -> Iterator[str]:
    """Yield a line for each broken rule: the place, the rule, the words found and what to write."""
    for place, language, text in texts:
        for rule, words in find_faults(text, language):
            excerpt = " ".join(words.split())[:100]
            yield f"{place}: {rule.name}: “{excerpt}”; write: {rule.instead}"


def main() -> int:
    reports = list(list_reports(list_texts()))
    for report in reports:
        print(report, file=sys.stderr)  # noqa: T201
    return 1 if reports else 0


if __name__ == "__main__":
    sys.exit(main())
