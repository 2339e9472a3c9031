"""Encryption of what must be read again, such as the keys of payment providers."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretUnreadable(RuntimeError):
    """What was encrypted cannot be read with any of the keys there are: a key was lost or changed."""


@lru_cache(maxsize=4)
def _keys(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(
        [
            Fernet(
                base64.urlsafe_b64encode(
                    hashlib.scrypt(secret.encode(), salt=b"kassa.secrets", n=2**14, r=8, p=1, dklen=32)
                )
            )
            for secret in secrets
        ]
    )


def encrypt(text: str) -> str:
    """Return a text encrypted with the first of ``ENCRYPTION_KEYS``."""
    return _keys(tuple(settings.ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return what was encrypted, with whichever of the keys.

    Raises:
        SecretUnreadable: none of the keys fits.
    """
    try:
        return _keys(tuple(settings.ENCRYPTION_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable(
            "A stored secret cannot be read with the keys in KASSA_ENCRYPTION_KEYS or the secret key."
        ) from error
