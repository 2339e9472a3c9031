"""Signing in with Clerk's tokens: which are believed, and who they stand for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives import serialization
from django.test import Client

from kassa.core.clock import utc_now
from kassa.identity.models import LinkedIdentity, User
from kassa.integrations.clerk import keys
from kassa.integrations.clerk.keys import forget_keys
from kassa.sales.domain.place import place_orders
from kassa.sales.domain.request import Customer
from tests.integrations.clerk.issuer import Issuer, issuer_running
from tests.storefront.pages import text_of
from tests.support.factories import (
    line,
    make_actor,
    make_event,
    make_organization,
    make_ticket_type,
    order_request,
)

pytestmark = pytest.mark.django_db(transaction=True)
SHOP = "https://school.example"
ADA = "ada@example.com"


@pytest.fixture
def clerk(settings: Any) -> Iterator[Issuer]:
    forget_keys()
    with issuer_running() as issuer:
        settings.CLERK_ISSUER = issuer.url
        settings.CLERK_AUTHORIZED_PARTIES = [SHOP]
        yield issuer
    forget_keys()


def claims(clerk: Issuer, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    values = {
        "iss": clerk.url,
        "sub": "user_2ada",
        "azp": SHOP,
        "iat": now,
        "nbf": now - 10,
        "exp": now + 60,
        "email": ADA,
        "email_verified": True,
        "name": "Ada Lovelace",
        **changed,
    }
    return {name: value for name, value in values.items() if value is not None}


def sign_in(token: str, client: Client | None = None) -> Any:
    return (client or Client()).post("/account/clerk", headers={"Authorization": f"Bearer {token}"})


def test_person_is_made_linked_and_known_again(clerk: Issuer) -> None:
    client = Client()
    first = sign_in(clerk.sign(claims(clerk), key="first"), client)
    again = sign_in(clerk.sign(claims(clerk, email="new@example.com"), key="first"))

    user = User.objects.get()
    assert first.json() == {"signed_in": True, "next": "/account/"}
    assert again.json()["signed_in"]
    assert client.get("/account/").status_code == 200
    assert (user.email, user.name, user.status, user.has_usable_password()) == (
        ADA,
        "Ada Lovelace",
        "active",
        False,
    )
    assert EmailAddress.objects.get().verified
    assert LinkedIdentity.objects.get().subject == "user_2ada"
    assert clerk.asked == ["/.well-known/jwks.json"]


def forged_unsigned(clerk: Issuer) -> str:
    return jwt.encode(claims(clerk), "", algorithm="none", headers={"kid": "first"})


def forged_with_the_public_key(clerk: Issuer) -> str:
    """Sign with what everybody knows, as if it were a shared secret; the library itself would not."""
    public = (
        clerk.keys["first"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    parts = [{"alg": "HS256", "typ": "JWT", "kid": "first"}, claims(clerk)]
    signed = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    mac = hmac.new(public, signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def forged_with_another_key(clerk: Issuer) -> str:
    other = Issuer()
    other.new_key("first", like="of an attacker")
    return other.sign(claims(clerk), key="first")


def changed_after_signing(clerk: Issuer) -> str:
    head, body, mac = clerk.sign(claims(clerk), key="first").split(".")
    said = {**claims(clerk), "sub": "user_2eve"}
    return (
        f"{head}.{base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b'=').decode()}.{mac}{body[:0]}"
    )


REFUSED: dict[str, Callable[[Issuer], str]] = {
    "expired": lambda clerk: clerk.sign(claims(clerk, exp=int(time.time()) - 30), key="first"),
    "not yet": lambda clerk: clerk.sign(claims(clerk, nbf=int(time.time()) + 60), key="first"),
    "another issuer": lambda clerk: clerk.sign(claims(clerk, iss="https://evil.example"), key="first"),
    "another shop": lambda clerk: clerk.sign(claims(clerk, azp="https://evil.example"), key="first"),
    "no shop": lambda clerk: clerk.sign(claims(clerk, azp=None), key="first"),
    "nobody": lambda clerk: clerk.sign(claims(clerk, sub=None), key="first"),
    "no end": lambda clerk: clerk.sign(claims(clerk, exp=None), key="first"),
    "no text as address": lambda clerk: clerk.sign(claims(clerk, email=["a"]), key="first"),
    "unsigned": forged_unsigned,
    "signed with the public key": forged_with_the_public_key,
    "signed with another key": forged_with_another_key,
    "changed": changed_after_signing,
    "no token": lambda clerk: "nonsense",
    "empty": lambda clerk: "",
    "endless": lambda clerk: "a" * 100_000,
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_token_signs_nobody_in(clerk: Issuer, case: str) -> None:
    client = Client()

    answer = sign_in(REFUSED[case](clerk), client)

    assert answer.status_code == 401
    assert answer.json()["code"] == "clerk_token_refused"
    assert not User.objects.exists()
    assert client.get("/account/").status_code == 302


def test_unknown_key_is_asked_for_once_in_a_while(clerk: Issuer) -> None:
    other = Issuer(url=clerk.url)
    other.new_key("unknown")

    answers = [sign_in(other.sign(claims(clerk), key="unknown")).status_code for _ in range(3)]

    assert answers == [401, 401, 401]
    assert len(clerk.asked) == 1


def test_new_key_of_clerk_is_found(clerk: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PAUSE_SECONDS", 0.0)
    sign_in(clerk.sign(claims(clerk), key="first"))
    clerk.new_key("second")

    assert sign_in(clerk.sign(claims(clerk), key="second")).status_code == 200


def test_known_keys_are_good_while_clerk_is_away(clerk: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(clerk.sign(claims(clerk), key="first"))
    clerk.status = 500
    monkeypatch.setattr(keys, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(keys, "PAUSE_SECONDS", 0.0)

    assert sign_in(clerk.sign(claims(clerk), key="first")).status_code == 200


def test_clerk_that_was_never_there_is_said_to_be_away(clerk: Issuer) -> None:
    clerk.status = 500

    answer = sign_in(clerk.sign(claims(clerk), key="first"))

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert not User.objects.exists()


@pytest.mark.parametrize("verified", [False, "false", None])
def test_unproven_address_makes_nobody(clerk: Issuer, verified: object) -> None:
    answer = sign_in(clerk.sign(claims(clerk, email_verified=verified), key="first"))

    assert answer.status_code == 403
    assert not User.objects.exists()


def test_address_leads_to_the_account_there_is(clerk: Issuer) -> None:
    user = User.objects.create_user(ADA, "long-pass-phrase", name="Ada")
    EmailAddress.objects.create(user=user, email=ADA, verified=True, primary=True)

    sign_in(clerk.sign(claims(clerk), key="first"))

    assert LinkedIdentity.objects.get().user == user
    assert User.objects.get().check_password("long-pass-phrase")


def test_account_that_somebody_made_under_that_address_loses_its_ways_in(clerk: Issuer) -> None:
    attacker = User.objects.create_user(ADA, "of-the-attacker", name="Eve", status="pending")
    SocialAccount.objects.create(user=attacker, provider="club", uid="eve-1")

    sign_in(clerk.sign(claims(clerk), key="first"))

    assert not SocialAccount.objects.exists()
    assert not User.objects.get().has_usable_password()
    assert User.objects.get().status == "active"


def test_suspended_person_stays_out(clerk: Issuer) -> None:
    sign_in(clerk.sign(claims(clerk), key="first"))
    User.objects.update(status="inactive")
    client = Client()

    answer = sign_in(clerk.sign(claims(clerk), key="first"), client)

    assert answer.status_code == 403
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://testserver", 303), (SHOP, 303), ("https://evil.example", 403), ("null", 403), ("", 403)],
)
def test_form_comes_from_a_known_site(clerk: Issuer, origin: str, status: int) -> None:
    client = Client(headers={"Origin": origin} if origin else {})
    fields = {"token": clerk.sign(claims(clerk), key="first"), "next": "/account/tickets/"}

    answer = client.post("/account/clerk", fields)

    assert answer.status_code == status
    if status == 303:
        assert answer["Location"] == "/account/tickets/"


def test_orders_that_a_client_placed_for_that_person_are_theirs(clerk: Issuer) -> None:
    organization = make_organization()
    actor = make_actor(organization)
    lesson = make_ticket_type(make_event(organization, title="Watercolours"))
    for reference in ("user_2ada", "user_2eve"):
        customer = Customer(email=f"{uuid4().hex}@example.com", reference=reference)
        place_orders(organization.id, [order_request(actor, line(lesson), customer=customer)], now=utc_now())
    client = Client()
    sign_in(clerk.sign(claims(clerk), key="first"), client)

    page = text_of(client.get("/account/"))

    assert "ORD-" in page
    assert page.count("1 × Standing") == 1  # noqa: RUF001


def test_without_a_clerk_there_is_no_such_address(settings: Any) -> None:
    settings.CLERK_ISSUER = ""

    assert sign_in("x").status_code == 404
