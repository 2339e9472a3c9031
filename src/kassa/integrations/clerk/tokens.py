"""What a token of a Clerk session says, once it is known to be genuine and made for this shop."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from kassa.core.email_addresses import email_key
from kassa.integrations.clerk.errors import TokenRefused
from kassa.integrations.clerk.keys import keys_of

ALGORITHM = "RS256"
"""The only one: a token may not choose how it is checked."""
SKEW = timedelta(seconds=5)
"""How far two clocks may be apart."""
LONGEST = 8_192


@dataclass(frozen=True, slots=True)
class ClerkPerson:
    """Who is signed in at Clerk."""

    subject: str
    """Clerk's own id, such as ``user_2abc``."""
    email: str
    """Verified there; empty: the token says none that is."""
    name: str


def read_token(token: str, *, issuer: str, parties: Collection[str], now: datetime) -> ClerkPerson:
    """Return who a token stands for.

    Raises:
        TokenRefused: it is not genuine, not of this issuer, made for another origin, too old or too new.
        ClerkAway: the keys to check it with cannot be had.
    """
    claims = _checked(token, issuer=issuer)
    moment = now.timestamp()
    skew = SKEW.total_seconds()
    is_now = claims["exp"] > moment - skew and claims.get("nbf", claims["iat"]) <= moment + skew
    if not is_now or claims.get("azp") not in parties or not claims["sub"]:
        raise TokenRefused
    is_verified = claims.get("email_verified") is True
    email = claims.get("email", "") if is_verified else ""
    name = claims.get("name") or ""
    if not (isinstance(email, str) and isinstance(name, str)):
        raise TokenRefused
    return ClerkPerson(subject=claims["sub"], email=email_key(email), name=name.strip()[:200])


def _checked(token: str, *, issuer: str) -> dict[str, Any]:
    """Return the claims of a token that the issuer has signed."""
    if not token or len(token) > LONGEST:
        raise TokenRefused
    try:
        header = jwt.get_unverified_header(token)
        key = keys_of(issuer).key(str(header.get("kid", ""))) if header.get("alg") == ALGORITHM else None
        if key is None:
            raise TokenRefused
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key.key,
            algorithms=[ALGORITHM],
            issuer=issuer,
            options={
                "require": ["exp", "iat", "iss", "sub"],
                "verify_aud": False,
                # Compared with the moment that is passed in.
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except jwt.PyJWTError as error:
        raise TokenRefused from error
    if not all(isinstance(claims.get(name, 0), int | float) for name in ("exp", "iat", "nbf")):
        raise TokenRefused
    return claims
