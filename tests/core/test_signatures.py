"""A new secret key ends nothing that an older one has signed, wherever that is; a removed one ends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import HASH_SESSION_KEY
from django.core import signing

from kassa.core.clock import utc_now
from kassa.core.errors import NotFound
from kassa.core.ids import new_id
from kassa.core.signatures import is_signed, key_id, keys_with_id, sign
from kassa.integrations.demo_bank import signing as demo_bank
from kassa.payments.providers.protocol import WebhookRefused
from kassa.storefront.visitors.carts import cart_token, read_cart_token
from kassa.waiting.domain.places import pass_token, place_token, read_pass, read_place, seed_of

OURS, THING = new_id(), new_id()
NOW = utc_now()


def is_refused(read: Callable[[], object]) -> bool:
    try:
        return read() is None
    except (NotFound, WebhookRefused, signing.BadSignature):
        return True


def signed_things() -> dict[str, Callable[[], object]]:
    """Return what is signed now, by its name: how each is read later, which is null or raises if refused."""
    cart, place, a_pass = cart_token(OURS, THING), place_token(OURS, THING, 3), pass_token(OURS, THING, 3, 1)
    text, webhook = signing.dumps({"a": 1}, salt="tests"), demo_bank.sign(OURS, b"paid", now=NOW)
    signature = sign("tests", "value")

    def read_webhook() -> bool:
        demo_bank.check_signature(OURS, webhook, b"paid", now=NOW)
        return True

    return {
        "value": lambda: is_signed("tests", "value", signature) or None,
        "cart": lambda: read_cart_token(OURS, cart),
        "place": lambda: read_place(OURS, place),
        "pass": lambda: read_pass(OURS, a_pass),
        "text": lambda: signing.loads(text, salt="tests"),
        "webhook": read_webhook,
    }


def test_what_an_older_key_has_signed_stays_genuine(settings: Any) -> None:
    things, seed = signed_things(), seed_of(OURS, THING)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second", [settings.SECRET_KEY]

    assert {name: is_refused(read) for name, read in things.items()} == dict.fromkeys(things, False)
    assert seed_of(OURS, THING) == seed, "a room would be drawn anew"
    newer = signed_things()
    settings.SECRET_KEY_FALLBACKS = []
    assert {name: is_refused(read) for name, read in things.items()} == dict.fromkeys(things, True)
    assert {name: is_refused(read) for name, read in newer.items()} == dict.fromkeys(newer, False)


def test_key_is_found_by_its_id(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second", ["first"]
    assert keys_with_id(key_id("first")) == ["first"]
    assert keys_with_id(key_id("second")) == ["second"]
    assert keys_with_id(key_id("third")) == []


def test_value_is_signed_for_one_purpose() -> None:
    signature = sign("tests", "value")
    assert is_signed("tests", "value", signature)
    for purpose, value in (("other", "value"), ("tests", "other"), ("test", "svalue")):
        assert not is_signed(purpose, value, signature)
    assert not is_signed("tests", "value", signature[:-1])
    assert not is_signed("tests", "value", signature, keys=[])


@pytest.mark.django_db
def test_people_stay_signed_in_under_a_new_key(settings: Any, client: Any, django_user_model: Any) -> None:
    user = django_user_model.objects.create(email="ada@example.com", name="Ada")
    client.force_login(user)
    before = client.session[HASH_SESSION_KEY]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second", [settings.SECRET_KEY]

    assert client.get("/account/").status_code == 200
    assert client.session[HASH_SESSION_KEY] != before
