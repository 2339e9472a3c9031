"""Certificates like those that Apple hands out, from an authority of the tests' own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kassa.core.clock import utc_now

PASS_TYPE_ID = "pass.example.harbour"
TEAM_ID = "A1B2C3D4E5"
APPLE = {"pass_type_id": PASS_TYPE_ID, "team_id": TEAM_ID}
GOOGLE = {"issuer_id": "3388000000012345678", "service_account": "wallet@harbour.iam.example"}


@dataclass(frozen=True)
class Issued:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return pem_of(self.key)


def pem_of(key: Any) -> str:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


@cache
def new_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a key; the same one for the same name, for making one takes its time."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def issue(
    *attributes: tuple[x509.ObjectIdentifier, str],
    by: Issued | None = None,
    key: str = "leaf",
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> Issued:
    """Return a certificate with a subject, signed by an issuer, or by itself."""
    own = new_key(key)
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts or utc_now() - timedelta(days=1))
        .not_valid_after(ends or utc_now() + timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
    )
    return Issued(builder.sign(own if by is None else by.key, SHA256()), own)


def authority(name: str = "Developer Relations") -> Issued:
    return issue((NameOID.COMMON_NAME, name), key=name)


def pass_certificate(by: Issued, **more: Any) -> Issued:
    return issue(
        (NameOID.USER_ID, PASS_TYPE_ID),
        (NameOID.COMMON_NAME, f"Pass Type ID: {PASS_TYPE_ID}"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, TEAM_ID),
        by=by,
        **more,
    )


def apple_secrets(**more: Any) -> dict[str, str]:
    """Return what an organisation sends to make passes for Apple."""
    issuer = authority()
    leaf = pass_certificate(issuer, **more)
    return {"certificate": leaf.pem, "private_key": leaf.key_pem, "intermediate_certificate": issuer.pem}
