"""Passkeys in a real browser, with an authenticator that Chromium makes up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from allauth.mfa.models import Authenticator
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Page, sync_playwright

from kassa.identity.models import User
from tests.storefront.account.visitor import code_for

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@example.com"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def finish(self) -> None:
        super().finish()
        connections.close_all()


@pytest.fixture
def address(transactional_db: None) -> Iterator[str]:
    """Serve Kassa at a name: browsers keep no passkeys for bare addresses."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    """Return a page of a browser with a phone that knows its owner's finger."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        authenticator = page.context.new_cdp_session(page)
        authenticator.send("WebAuthn.enable")
        authenticator.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        yield page
        browser.close()


def test_account_is_made_and_opened_with_a_passkey(address: str, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)

    page.goto(f"{address}/account/signup/passkey/")
    page.fill("[name=name]", "Ada Lovelace")
    page.fill("[name=email]", ADA)
    page.click("main button.primary")
    page.wait_for_url("**/account/confirm-email/")
    page.fill("[name=code]", code_for(ADA))
    page.click("main button.primary")
    page.wait_for_url("**/account/2fa/webauthn/signup/")
    page.fill("[name=name]", "My phone")
    page.click("text=Create the passkey")
    page.wait_for_url(f"{address}/account/")

    assert str(Authenticator.objects.get()) == "My phone"
    assert not User.objects.get().has_usable_password()

    page.goto(f"{address}/account/logout/")
    page.click("main button.primary")
    page.wait_for_url("**/account/login/")
    page.click("text=Sign in with a passkey")
    page.wait_for_url(f"{address}/account/")

    assert page.inner_text("h1") == "My orders"
    assert said == []
