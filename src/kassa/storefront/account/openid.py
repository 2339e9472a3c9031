"""Signing in through OpenID Connect providers: what Kassa believes of what they say."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest

from kassa.core.clock import utc_now
from kassa.core.email_addresses import email_key
from kassa.identity.models import User


class OpenIdAdapter(DefaultSocialAccountAdapter):
    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        return User(created_at=utc_now())

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Suggest a person of what the provider says of them."""
        user: User = super().populate_user(request, sociallogin, data)
        user.email = email_key(user.email or "")
        parts = (str(data.get(part) or "") for part in ("first_name", "last_name"))
        name = data.get("name") or " ".join(part for part in parts if part)
        user.name = str(name or user.email.partition("@")[0])[:200]
        return user

    def authenticate_by_email(self, sociallogin: SocialLogin) -> Any:
        """Find the person by an address that the provider has verified; who is suspended stays out later."""
        _believe_only_what_is_verified(sociallogin)
        return super().authenticate_by_email(sociallogin)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse an answer that speaks of two people.

        Raises:
            ImmediateHttpResponse: the two documents of the provider name different subjects.
        """
        _believe_only_what_is_verified(sociallogin)
        data = sociallogin.account.extra_data
        subjects = {part.get("sub") for part in (data.get("userinfo"), data.get("id_token")) if part}
        if len(subjects) > 1:
            raise ImmediateHttpResponse(
                render_authentication_error(request, sociallogin.account.get_provider())
            )


def _believe_only_what_is_verified(sociallogin: SocialLogin) -> None:
    """Read each address in its one form, and take none as verified but by a plain yes.

    Some providers write the word ``false`` where a truth value belongs, which reads as true.
    """
    for address in sociallogin.email_addresses:
        address.email = email_key(address.email)
        address.verified = address.verified is True or address.verified == "true"
