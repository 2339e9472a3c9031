"""The mail with the link of an invitation."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from kassa.core.errors import NotFound
from kassa.core.formatting import format_date
from kassa.core.secrets import SecretUnreadable, decrypt
from kassa.identity.domain.invitations import hash_token
from kassa.identity.enums import InvitationStatus, Role
from kassa.identity.models import Invitation
from kassa.identity.queries import get_invitation
from kassa.organizations.queries import organization_settings
from kassa.storefront.account.account_emails import HELLO, INVITATION
from kassa.storefront.account.queue_letter import queue_letter
from kassa.storefront.account.roles import ROLES


def write_invitation_mail(organization_id: UUID, sealed: str, *, now: datetime) -> None:
    """Write the mail, unless the invitation has ended meanwhile or was sent again with another link."""
    try:
        content = json.loads(decrypt(sealed))
        invitation = get_invitation(organization_id, UUID(content["invitation"]))
    except (SecretUnreadable, NotFound):
        return
    token: str = content["token"]
    is_current = bytes(invitation.token_hash) == hash_token(token)
    if invitation.status_at(now) == InvitationStatus.OPEN and is_current:
        _write(invitation, token, now=now)


def _write(invitation: Invitation, token: str, *, now: datetime) -> None:
    organization = organization_settings(invitation.organization_id).organization
    letter = INVITATION
    if invitation.name:
        letter = replace(letter, paragraphs=(HELLO, *letter.paragraphs))
    with translation.override(invitation.language):
        facts = {
            "name": invitation.name,
            "organization": organization.name,
            "role": ROLES[Role(invitation.role)].name,
            "duties": ROLES[Role(invitation.role)].duties,
            "link": settings.BASE_URL + reverse("account_invitation", args=[token]),
            "day": format_date(invitation.expires_at.date(), invitation.language),
        }
        queue_letter(invitation.email, letter, facts, now=now)
