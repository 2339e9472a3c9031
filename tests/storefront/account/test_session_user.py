"""Who is signed in, as pages outside of /account/ ask."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext

from kassa.identity.models import User
from kassa.storefront.account.session_user import buyer_of


def signed_in(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def request_with(key: str | None) -> HttpRequest:
    request = HttpRequest()
    if key is not None:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = key
    return request


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada@example.com", "pass-phrase-of-ada", name="Ada")


def test_buyer_is_read_once_from_the_session(ada: User) -> None:
    request = request_with(signed_in(ada))

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert buyer_of(request) == ada
        assert buyer_of(request) == ada

    assert len(queries) == 2


@pytest.mark.parametrize("key", [None, "", "unknownsessionkeyofnobody", "nul\x00byte", "x" * 500])
def test_no_session_is_nobody(db: None, key: str | None) -> None:
    assert buyer_of(request_with(key)) is None


def test_without_a_cookie_nothing_is_asked(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert buyer_of(request_with(None)) is None

    assert len(queries) == 0


def test_suspended_person_is_nobody(ada: User) -> None:
    request = request_with(signed_in(ada))
    User.objects.filter(id=ada.id).update(status="inactive")

    assert buyer_of(request) is None


def test_session_ends_with_the_password(ada: User) -> None:
    request = request_with(signed_in(ada))
    ada.set_password("another-phrase")
    ada.save()

    assert buyer_of(request) is None
