"""Sentences of Kassa's own that are stored in English and read by buyers in their language.

A refund, a cancelled order or a failed payment keeps its reason in words. Those of Kassa's own are marked
where they are written and translated where they are read; words of a provider or of staff stay as they are.
"""

from __future__ import annotations

import re

from django.utils.translation import override, pgettext

CONTEXT = "stored"
"""Keeps these sentences apart in the catalogues: what staff typed is never taken for a word of a page."""

_CODED = re.compile(r"(?P<sentence>.+\.)(?P<code> \([\w.-]{1,80}\))")


def stored_sentence(text: str) -> str:
    """Mark a constant for the catalogues of its package, and return it unchanged."""
    return text


def add_code(sentence: str, code: str) -> str:
    """Return a sentence with a provider's code after it, for staff; without one, the sentence alone."""
    return f"{sentence} ({code})" if code else sentence


def translate_stored(text: str, language: str) -> str:
    """Return a stored text in a language; one that is not of Kassa's own is returned as it is."""
    if not text:
        return ""
    coded = _CODED.fullmatch(text)
    with override(language):
        if coded is None:
            return pgettext(CONTEXT, text)
        return f"{pgettext(CONTEXT, coded['sentence'])}{coded['code']}"
