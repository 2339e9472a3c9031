from django.db import models


class Role(models.TextChoices):
    """What a member is to an organisation; ``permissions.py`` says what each may do."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    SUPPORT = "support"
    ANALYST = "analyst"


class UserStatus(models.TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"
    PENDING = "pending"


class InvitationStatus(models.TextChoices):
    """How far an invitation has come."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REVOKED = "revoked"
    EXPIRED = "expired"


class SecurityEventKind(models.TextChoices):
    """What the security log records; the part before the dot is what it happened to."""

    SIGN_IN_SUCCEEDED = "sign_in.succeeded"
    SIGN_IN_FAILED = "sign_in.failed"
    """A wrong password or code for an account that exists; of others there is only a line in the log."""
    SESSIONS_ENDED = "sessions.ended"
    """All other sessions of a person were signed out."""
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - what happened to one
    PASSWORD_RESET = "password.reset"  # noqa: S105
    EMAIL_ADDED = "email.added"
    EMAIL_CHANGED = "email.changed"
    """Another of a person's addresses became the first one."""
    EMAIL_REMOVED = "email.removed"
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    FACTOR_FAILED = "factor.failed"
    RECOVERY_CODES_GENERATED = "recovery_codes.generated"
    RECOVERY_CODE_USED = "recovery_code.used"
    CONNECTION_ADDED = "connection.added"
    """An account at another service may sign in as this person."""
    CONNECTION_REMOVED = "connection.removed"
    ACCOUNT_EXPORTED = "account.exported"
    ACCOUNT_ERASED = "account.erased"
    API_KEY_CREATED = "api_key.created"
    API_KEY_CHANGED = "api_key.changed"
    API_KEY_REVOKED = "api_key.revoked"
    MEMBER_INVITED = "member.invited"
    INVITATION_RESENT = "invitation.resent"
    INVITATION_DECLINED = "invitation.declined"
    INVITATION_REVOKED = "invitation.revoked"
    MEMBER_ADDED = "member.added"
    """Somebody has accepted an invitation."""
    MEMBER_CHANGED = "member.changed"
    MEMBER_REMOVED = "member.removed"
    MEMBER_LEFT = "member.left"
    DEVICE_ADDED = "device.added"
    DEVICE_ENROLLED = "device.enrolled"
    DEVICE_RENEWED = "device.renewed"
    """A new code was made that enrols a phone as this device."""
    DEVICE_REVOKED = "device.revoked"
    DATA_EXPORTED = "data.exported"
    PROVIDER_CHANGED = "provider.changed"
    WALLET_CHANGED = "wallet.changed"
    SIGNING_KEY_CHANGED = "signing_key.changed"
    DOMAIN_ADDED = "domain.added"
    DOMAIN_PROVEN = "domain.proven"
    DOMAIN_FAILING = "domain.failing"
    DOMAIN_RECOVERED = "domain.recovered"
    DOMAIN_LOST = "domain.lost"
    DOMAIN_REMOVED = "domain.removed"
    LINKS_REVOKED = "links.revoked"
    """The secret links of an order, a ticket or an offer of a ticket were ended."""
    REQUEST_FORBIDDEN = "request.forbidden"
    REQUEST_RATE_LIMITED = "request.rate_limited"
