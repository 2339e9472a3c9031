from __future__ import annotations

from kassa.core.errors import Busy, Forbidden, Unauthenticated


class TokenRefused(Unauthenticated):
    """The token is not one of this Clerk's for this shop; the reason is not given."""

    code = "clerk_token_refused"

    def __init__(self) -> None:
        super().__init__("The token of the session is not valid here. Sign in at Clerk again.")


class AddressUnproven(Forbidden):
    """Clerk does not say that an e-mail address is the person's, so nobody here can be them."""

    code = "clerk_address_unproven"

    def __init__(self) -> None:
        super().__init__(
            "The token names no verified e-mail address. "
            "Add 'email' and 'email_verified' to the claims of session tokens in Clerk."
        )


class PersonSuspended(Forbidden):
    """The person's account here is suspended."""

    code = "account_suspended"

    def __init__(self) -> None:
        super().__init__("This account is suspended.")


class ClerkAway(Busy):
    """Clerk's keys are needed and cannot be had just now."""

    code = "clerk_away"
    title = "Clerk does not answer"
    retry_after = 5

    def __init__(self) -> None:
        super().__init__("Clerk does not answer just now. Try again in a moment.")
