"""Shapes of ``/ticket-designs``, ``/signing-keys`` and ``/wallet-accounts``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Base64Bytes, Field

from kassa.api.schemas import Input, Text, example
from kassa.tickets.domain.pictures import MAX_LOGO_BYTES, MAX_PICTURE_BYTES
from kassa.tickets.enums import WalletKind

Secret = Annotated[Text, Field(max_length=20_000)]
MAX_TERMS, MAX_NOTES = 4_000, 2_000
Color = Annotated[Text, Field(pattern="^(#[0-9a-fA-F]{6})?$", examples=["#7a1f3d"])]


class TermsIn(Input):
    """The small print, in each language that buyers read."""

    en: Text | None = Field(None, max_length=MAX_TERMS)
    fr: Text | None = Field(None, max_length=MAX_TERMS)


class NotesIn(Input):
    """What a visitor should know, in each language that buyers read."""

    en: Text | None = Field(None, max_length=MAX_NOTES)
    fr: Text | None = Field(None, max_length=MAX_NOTES)


class DesignIn(Input):
    model_config = example(
        primary_color="#7a1f3d",
        terms={"en": "A ticket admits one person, once."},
        notes={"en": "Doors open an hour before.", "fr": "Ouverture des portes une heure avant."},
    )

    primary_color: Color = Field("", description="Empty: the organisation's own.")
    secondary_color: Color = Field("", description="Empty: the organisation's own.")
    terms: TermsIn = Field(default_factory=TermsIn, description="Without any the refund policy is printed.")
    notes: NotesIn = Field(default_factory=NotesIn)
    shows_price: bool = Field(True, description="Whether what was paid is printed.")
    logo: Base64Bytes | None = Field(
        None,
        description=f"A PNG, JPEG or SVG file of at most {MAX_LOGO_BYTES // 1000} kB, in base 64. "
        "Left out, the logo stays; null takes it away.",
    )
    picture: Base64Bytes | None = Field(
        None,
        description=f"The same, of at most {MAX_PICTURE_BYTES // 1000} kB, printed across the head.",
    )


class PictureOut(Schema):
    media_type: str
    bytes: int
    width: float = Field(description="Pixels, or a drawing's own units.")
    height: float


class DesignOut(Schema):
    event: UUID | None = Field(description="Null: for all events without a design of their own.")
    is_inherited: bool = Field(
        description="This event has no design of its own; the organisation's is shown."
    )
    primary_color: str
    secondary_color: str
    terms: dict[str, str]
    notes: dict[str, str]
    shows_price: bool
    logo: PictureOut | None
    picture: PictureOut | None
    updated_at: datetime | None = Field(description="Null: it was never set.")


class ListedDesignOut(DesignOut):
    id: UUID


class SigningKeyOut(Schema):
    id: UUID
    key_id: str = Field(description="As it stands in each QR code, in hexadecimal.", examples=["0a1b2c3d"])
    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: str = Field(description="32 bytes in base 64.")
    created_at: datetime
    retired_at: datetime | None = Field(description="Since when it signs nothing more. Null: it is in use.")
    revoked_at: datetime | None = Field(
        description="Since when what it signed is refused. Null: it is trusted."
    )


class SigningKeysOut(Schema):
    items: list[SigningKeyOut]


class WalletAccountIn(Input):
    model_config = example(
        configuration={"issuer_id": "3388000000012345678", "service_account": "wallet@example.iam.example"},
        secrets={"private_key": "-----BEGIN PRIVATE KEY-----…"},
    )

    configuration: dict[Text, Text] = Field(
        max_length=10,
        description="For `apple` `pass_type_id` and `team_id`; for `google` `issuer_id` and "
        "`service_account`.",
    )
    secrets: dict[Text, Secret] = Field(
        default_factory=dict,
        max_length=10,
        description="For `apple` `certificate`, `private_key` and `intermediate_certificate`; for `google` "
        "`private_key`; all in PEM form. Those that are not sent stay as they are.",
    )


class WalletAccountOut(Schema):
    kind: WalletKind
    is_configured: bool
    configuration: dict[str, str]
    secrets_set: list[str] = Field(description="The names of the secrets there are; they never come back.")
    expires_at: datetime | None = Field(description="Until when passes can be signed. Null: for good.")
    updated_at: datetime | None = Field(description="Null: it was never set up.")


class WalletAccountsOut(Schema):
    items: list[WalletAccountOut]


class WalletLinkOut(Schema):
    url: str = Field(description="Opened by the ticket's holder, it offers to save the ticket.")
