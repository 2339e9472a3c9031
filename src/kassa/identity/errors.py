from __future__ import annotations

from collections.abc import Iterable

from kassa.core.errors import Conflict, Forbidden, KassaError, Unauthenticated
from kassa.identity.enums import InvitationStatus


class KeyMissing(Unauthenticated):
    """The request carries no API key."""

    code = "key_missing"

    def __init__(self) -> None:
        super().__init__("Send an API key in the header 'Authorization: Bearer <key>'.")


class KeyInvalid(Unauthenticated):
    """The key is unknown, revoked or expired; which of them is not told."""

    code = "key_invalid"

    def __init__(self) -> None:
        super().__init__("The API key is unknown, revoked or expired. Make a new one and send that.")


class RightsBeyondOwn(Forbidden):
    """The member has, or would get, rights that the one who asks does not have."""

    code = "rights_beyond_own"

    def __init__(self, permissions: Iterable[str]) -> None:
        missing = sorted(str(permission) for permission in permissions)
        super().__init__(
            f"You do not have {', '.join(missing)} yourself. Ask someone who has.", permissions=missing
        )


class LastOwner(Conflict):
    """An organisation has at least one owner."""

    code = "last_owner"

    def __init__(self) -> None:
        super().__init__("This is the last owner. Make another member an owner first.")


class InvitationOver(KassaError):
    """The invitation was answered, revoked, or not accepted in time."""

    code = "invitation_over"
    status = 410
    title = "The invitation has ended"

    def __init__(self, status: InvitationStatus) -> None:
        super().__init__(
            "This invitation has ended. Ask the organisation for a new one.", invitation_status=str(status)
        )


class InvitationForAnother(Forbidden):
    """The invitation went to an address that the person has not proven to be theirs."""

    code = "invitation_for_another"

    def __init__(self) -> None:
        super().__init__(
            "The invitation is for another e-mail address. Sign in with that one, or add it to your account."
        )


class TooManyInvitations(KassaError):
    """So many invitations were sent that more would be unwanted mail."""

    code = "too_many_invitations"
    status = 429
    title = "Too many invitations"
    retry_after = 3600
