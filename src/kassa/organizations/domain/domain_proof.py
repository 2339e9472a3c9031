"""Looking for the proof that an organisation may use a domain: a record of the domain, or a file on it.

Everything is done within a deadline, and nothing is reached that is not on the public internet.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass

from kassa.core.name_lookup import LookupFailed, look_up_texts
from kassa.core.public_http import PORTS, FetchFailed, fetch_public_file
from kassa.organizations.enums import DomainProblem, DomainProof

RECORD = "_kassa"
"""The record stands below the domain, so that it does not mix with others and a CNAME does not hide it."""
FILE_PATH = "/.well-known/kassa-domain"
PREFIX = "kassa-domain="
STEP_SECONDS = 4.0
"""How long one look-up or one fetch takes at most; there are three of them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found: a proof, or else what is missing."""

    proof: DomainProof | None
    problem: DomainProblem | None = None


def find_proof(domain: str, token: str) -> Finding:
    """Look for a token in the record of a domain, and then in the file on it."""
    is_answered = True
    try:
        texts = look_up_texts(f"{RECORD}.{domain}", deadline=time.monotonic() + STEP_SECONDS)
    except LookupFailed:
        texts, is_answered = [], False
    if any(_holds(text, token) for text in texts):
        return Finding(DomainProof.DNS)
    if any(_is_in_file(scheme, domain, token) for scheme in PORTS):
        return Finding(DomainProof.FILE)
    return Finding(None, DomainProblem.NOT_FOUND if is_answered else DomainProblem.UNREACHABLE)


def format_proof(token: str) -> str:
    """Return what the record or the file holds."""
    return f"{PREFIX}{token}"


def _is_in_file(scheme: str, domain: str, token: str) -> bool:
    deadline = time.monotonic() + STEP_SECONDS
    try:
        body = fetch_public_file(scheme, domain, FILE_PATH, deadline=deadline)
    except FetchFailed:
        return False
    return any(_holds(line, token) for line in body.decode("utf-8", "replace").splitlines())


def _holds(text: str, token: str) -> bool:
    return hmac.compare_digest(text.strip().encode(), format_proof(token).encode())
