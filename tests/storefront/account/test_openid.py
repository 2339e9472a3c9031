"""Signing in through an OpenID Connect provider, which is spoken to over HTTP."""

from __future__ import annotations

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount

from kassa.identity.models import User
from tests.integrations.clerk.issuer import Issuer, issuer_running
from tests.storefront.account.visitor import PASSWORD, Visitor, code_for, make_person
from tests.storefront.pages import text_of

pytestmark = pytest.mark.django_db
ADA = "ada@example.com"


class Club:
    """The provider: who is signed in there, and what it was asked."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.claims: dict[str, Any] = {"sub": "ada-1", "email": ADA, "email_verified": True, "name": "Ada"}
        self.told: dict[str, Any] = {}
        self.challenge = ""
        url = issuer.url
        issuer.pages = {
            "/.well-known/openid-configuration": lambda query, form: (
                200,
                {
                    "issuer": url,
                    "authorization_endpoint": f"{url}/authorize",
                    "token_endpoint": f"{url}/token",
                    "userinfo_endpoint": f"{url}/userinfo",
                    "jwks_uri": f"{url}/.well-known/jwks.json",
                },
            ),
            "/token": self._token,
            "/userinfo": lambda query, form: (200, {**self.claims, **self.told}),
        }

    def _token(self, query: dict[str, list[str]], form: dict[str, str]) -> tuple[int, Any]:
        proof = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if proof.rstrip(b"=").decode() != self.challenge:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        told = {**self.claims, "iss": self.issuer.url, "aud": "kassa", "iat": now, "exp": now + 60}
        token = self.issuer.sign(told, key="first")
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": token}

    def sign_in(self, visitor: Visitor) -> Any:
        """Go there as a browser does, and come back."""
        sent = visitor.post("/account/oidc/club/login/")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(sent["Location"]).query).items()}
        self.challenge = asked["code_challenge"]
        assert asked["code_challenge_method"] == "S256"
        back = {"code": "c", "state": asked["state"]}
        return visitor.get("/account/oidc/club/login/callback/", back, follow=True)


@pytest.fixture
def club(settings: Any) -> Iterator[Club]:
    with issuer_running() as issuer:
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "APPS": [
                    {
                        "provider_id": "club",
                        "name": "The Club",
                        "client_id": "kassa",
                        "secret": "s",
                        "settings": {"server_url": issuer.url},
                    }
                ],
            }
        }
        yield Club(issuer)


def test_person_comes_in_and_is_known_again(club: Club) -> None:
    first, again = Visitor(), Visitor()

    club.sign_in(first)
    club.sign_in(again)

    assert first.is_signed_in
    assert again.is_signed_in
    user = User.objects.get()
    assert (user.email, user.name, user.status) == (ADA, "Ada", "active")
    assert SocialAccount.objects.get().uid == "ada-1"


def test_button_leads_there(club: Club) -> None:
    page = Visitor().get("/account/login/")
    way = Visitor().get("/account/oidc/club/login/")

    assert "Continue with The Club" in text_of(page)
    assert club.issuer.url in way["Content-Security-Policy"]


def test_verified_address_opens_the_account_there_is(club: Club) -> None:
    user = make_person()

    club.sign_in(Visitor())

    assert SocialAccount.objects.get().user == user
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize("verified", [False, "false", None])
def test_unverified_address_is_proven_first(club: Club, verified: object) -> None:
    make_person("grace@example.com")
    club.claims["email_verified"] = verified
    visitor, again = Visitor(), Visitor()

    page = club.sign_in(visitor)

    assert "Enter the code" in text_of(page)
    assert not visitor.is_signed_in
    visitor.send("/account/confirm-email/", code=code_for(ADA))
    assert visitor.is_signed_in
    club.sign_in(again)
    assert again.is_signed_in


@pytest.mark.parametrize("verified", [False, "false"])
def test_unverified_address_opens_nobodys_account(club: Club, verified: object) -> None:
    make_person()
    club.claims["email_verified"] = verified
    visitor = Visitor()

    club.sign_in(visitor)

    assert not visitor.is_signed_in
    assert not SocialAccount.objects.exists()
    assert EmailAddress.objects.count() == 1


def test_who_came_under_anothers_address_stays_out_when_that_one_comes(club: Club) -> None:
    club.claims |= {"sub": "eve-1", "email_verified": False}
    club.sign_in(Visitor())
    owner, attacker = Visitor(), Visitor()

    owner.send("/account/login/code/", email=ADA)
    owner.send("/account/login/code/confirm/", code=code_for(ADA))
    club.sign_in(attacker)

    assert owner.is_signed_in
    assert not attacker.is_signed_in
    assert not SocialAccount.objects.exists()


def test_answer_that_speaks_of_two_people_is_refused(club: Club) -> None:
    club.told = {"sub": "eve-1"}
    visitor = Visitor()

    page = club.sign_in(visitor)

    assert "That did not work" in text_of(page)
    assert not User.objects.exists()


def test_suspended_person_stays_out(club: Club) -> None:
    club.sign_in(Visitor())
    User.objects.update(status="inactive")
    visitor = Visitor()

    club.sign_in(visitor)

    assert not visitor.is_signed_in


def test_made_up_answer_signs_nobody_in(club: Club) -> None:
    page = Visitor().get("/account/oidc/club/login/callback/", {"code": "c", "state": "made-up"}, follow=True)

    assert page.status_code in (200, 401)
    assert "That did not work" in text_of(page)


def test_provider_that_is_away_gets_a_page(club: Club) -> None:
    club.issuer.pages = {}

    page = Visitor().post("/account/oidc/club/login/")

    assert page.status_code == 503
    assert "That did not work" in text_of(page)
