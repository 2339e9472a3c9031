"""What can become of a ticket's code, and of a ticket that is offered to another person."""

from __future__ import annotations

from django.db import models


class TransferStatus(models.TextChoices):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """By who offered it, or because the ticket ended."""
    EXPIRED = "expired"


class EndOfCode(models.TextChoices):
    """Why a code is no ticket any more."""

    TRANSFERRED = "transferred"
    REISSUED = "reissued"


class EndOfLink(models.TextChoices):
    """Why a secret link that was genuine opens nothing any more."""

    TRANSFERRED = "transferred"
    REISSUED = "reissued"
    ENDED = "ended"
    """By staff, or because the person it was for was erased."""


class WalletKind(models.TextChoices):
    APPLE = "apple"
    GOOGLE = "google"


class Doubt(models.TextChoices):
    """Why a QR code is not believed."""

    NOT_OURS = "not_ours"
    """No text of Kassa's, or of a key that the organisation never had."""
    FORGED = "forged"
    KEY_REVOKED = "key_revoked"
