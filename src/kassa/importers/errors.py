"""Why a file, or one order of it, is not imported."""

from __future__ import annotations


class CannotImport(Exception):
    """The import as a whole cannot go on; the sentence says what to do. What is imported stays."""


class Rejected(Exception):
    """One order is not imported; ``line`` names the row that is to blame, None: the order as a whole."""

    def __init__(self, sentence: str, *, line: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line
