"""Signatures under the secret keys of the installation: the first key signs, and all of them verify.

So a new key ends nothing that an older one has signed, and taking a key out of the list ends all that it has.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SIGNATURE_BYTES = 16
KEY_ID_BYTES = 3


def secret_keys() -> list[str]:
    """Return the secret keys, the one that signs first."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def key_id(key: str) -> bytes:
    """Return what names a secret key in what it has signed, without telling anything of it."""
    return _digest("kassa.core.signatures.key", b"", key)[:KEY_ID_BYTES]


def keys_with_id(wanted: bytes) -> list[str]:
    """Return the secret keys of this id: one, or none when it was taken out of the list."""
    return [key for key in secret_keys() if key_id(key) == wanted]


def sign(purpose: str, value: str | bytes, *, key: str | None = None) -> bytes:
    """Return the signature of a value, under the first key unless another one is named."""
    return _digest(purpose, value, key or settings.SECRET_KEY)[:SIGNATURE_BYTES]


def is_signed(
    purpose: str, value: str | bytes, signature: bytes, *, keys: Sequence[str] | None = None
) -> bool:
    """Say whether one of the keys has signed a value for this purpose. None: any of the secret keys."""
    return any(
        constant_time_compare(sign(purpose, value, key=key), signature)
        for key in (secret_keys() if keys is None else keys)
    )


def _digest(purpose: str, value: str | bytes, key: str) -> bytes:
    digest: bytes = salted_hmac(purpose, value, secret=key, algorithm="sha256").digest()
    return digest
