"""Whether certificates and keys fit together, so that a mistake is seen when they are given. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from kassa.core.errors import InvalidInput

SMALLEST_KEY = 2048


def read_certificate(pem: str, *, field: str = "certificate") -> x509.Certificate:
    """Return a certificate.

    Raises:
        InvalidInput: it is none in PEM form.
    """
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise InvalidInput(f"'{field}' is no certificate in PEM form.", field=field) from error


def read_private_key(pem: str, *, field: str = "private_key") -> RSAPrivateKey:
    """Return an RSA key.

    Raises:
        InvalidInput: it is none in PEM form, needs a password, or is too short to be safe.
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError as error:
        raise InvalidInput(f"'{field}' needs a password; send it without.", field=field) from error
    except ValueError as error:
        raise InvalidInput(f"'{field}' is no private key in PEM form.", field=field) from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < SMALLEST_KEY:
        raise InvalidInput(f"'{field}' is no RSA key of at least {SMALLEST_KEY} bits.", field=field)
    return key


def check_apple(configuration: Mapping[str, str], secrets: Mapping[str, str], *, now: datetime) -> datetime:
    """Return until when passes can be signed with a certificate and its key.

    Raises:
        InvalidInput: one of them cannot be read, they do not belong together, or one has expired.
    """
    certificate = read_certificate(secrets["certificate"])
    key = read_private_key(secrets["private_key"])
    issuer = read_certificate(secrets["intermediate_certificate"], field="intermediate_certificate")
    if certificate.public_key() != key.public_key():
        raise InvalidInput("The private key does not belong to the certificate.", field="private_key")
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise InvalidInput(
            "The intermediate certificate did not sign the certificate.", field="intermediate_certificate"
        ) from error
    for field, each in (("certificate", certificate), ("intermediate_certificate", issuer)):
        if not each.not_valid_before_utc <= now < each.not_valid_after_utc:
            raise InvalidInput(f"'{field}' has expired, or is not valid yet.", field=field)
    for field, oid in (("pass_type_id", NameOID.USER_ID), ("team_id", NameOID.ORGANIZATIONAL_UNIT_NAME)):
        named = [attribute.value for attribute in certificate.subject.get_attributes_for_oid(oid)]
        if named and configuration[field] not in named:
            raise InvalidInput(f"The certificate is made for another '{field}': {named[0]!r}.", field=field)
    return min(certificate.not_valid_after_utc, issuer.not_valid_after_utc).astimezone(UTC)


def check_google(secrets: Mapping[str, str]) -> None:
    """Let a service account's key pass.

    Raises:
        InvalidInput: it cannot be read.
    """
    read_private_key(secrets["private_key"])
