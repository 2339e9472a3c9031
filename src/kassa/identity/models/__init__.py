"""The tables of who is asking: people, their memberships, and the keys of programs (event-platform.md)."""

from kassa.identity.models.account_mail import AccountMail, TryCount
from kassa.identity.models.api_keys import ApiKey
from kassa.identity.models.invitations import Invitation
from kassa.identity.models.members import Membership
from kassa.identity.models.people import LinkedIdentity, User, UserManager
from kassa.identity.models.security_events import AccountSecurityEvent, SecurityEvent, SecurityRecord

__all__ = [
    "AccountMail",
    "AccountSecurityEvent",
    "ApiKey",
    "Invitation",
    "LinkedIdentity",
    "Membership",
    "SecurityEvent",
    "SecurityRecord",
    "TryCount",
    "User",
    "UserManager",
]
