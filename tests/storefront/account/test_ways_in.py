"""Every way into an account, and what keeps somebody out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.core.cache import cache
from django.utils import timezone

from kassa.identity.models import User
from kassa.storefront.account.adapter import AccountAdapter
from tests.storefront.account.visitor import PASSWORD, Visitor, code_for, letters_to, make_person, signed_in
from tests.storefront.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_refill")]
ADA = "ada@example.com"


def sign_up(visitor: Visitor, email: str = ADA) -> None:
    visitor.send("/account/signup/", name="Ada Lovelace", email=email, password1=PASSWORD)


def test_account_begins_with_a_proven_address() -> None:
    visitor = Visitor()
    sign_up(visitor, "Ada@Example.com")
    pending = User.objects.get()

    assert (pending.status, pending.email, pending.name) == ("pending", ADA, "Ada Lovelace")
    assert not visitor.is_signed_in

    visitor.send("/account/confirm-email/", code=code_for(ADA))

    assert visitor.is_signed_in
    person = User.objects.get()
    assert person.status == "active"
    assert person.has_usable_password()
    assert person.last_active_at is not None
    assert EmailAddress.objects.get().verified


def test_password_opens_the_account() -> None:
    make_person()
    visitor = Visitor()

    visitor.send("/account/login/", login=" ADA@example.com", password=PASSWORD)

    assert visitor.is_signed_in


def test_wrong_password_does_not() -> None:
    make_person()
    visitor = Visitor()

    page = visitor.send("/account/login/", login=ADA, password="wrong")

    assert "The e-mail address or password is incorrect." in text_of(page)
    assert ADA in page.content.decode()
    assert not visitor.is_signed_in


def test_code_by_mail_opens_the_account_once() -> None:
    make_person()
    visitor, other = Visitor(), Visitor()
    visitor.send("/account/login/code/", email=ADA)
    code = code_for(ADA)

    page = visitor.send("/account/login/code/confirm/", code=code.lower().replace("-", " "))
    other.send("/account/login/code/confirm/", code=code)

    assert page.redirect_chain[-1] == ("/account/", 302)
    assert not other.is_signed_in


def test_code_may_be_mistyped_three_times() -> None:
    make_person()
    visitor = Visitor()
    visitor.send("/account/login/code/", email=ADA)
    code = code_for(ADA)

    for _ in range(3):
        visitor.send("/account/login/code/confirm/", code="BBBB-BBBB")
    visitor.send("/account/login/code/confirm/", code=code)

    assert not visitor.is_signed_in


def test_code_that_was_sent_to_nobody_opens_nothing(settings: Any) -> None:
    make_person()
    settings.RATES = {"account_letters": (1, 3600, 1)}
    first, second = Visitor(), Visitor()
    first.send("/account/login/code/", email=ADA)
    with patch.object(AccountAdapter, "generate_login_code", return_value="BCDF-GHJK"):
        second.send("/account/login/code/", email=ADA)

    second.send("/account/login/code/confirm/", code="BCDF-GHJK")
    first.send("/account/login/code/confirm/", code=code_for(ADA))

    assert not second.is_signed_in
    assert first.is_signed_in  # the control: the code that was sent

    settings.RATES = {"account_letters": None}
    with patch.object(AccountAdapter, "generate_login_code", return_value="BCDF-GHJK"):
        second.send("/account/login/code/", email=ADA)
    second.send("/account/login/code/confirm/", code="BCDF-GHJK")
    assert second.is_signed_in  # the control: the same code, where it was sent


def test_new_password_by_code() -> None:
    make_person()
    visitor = Visitor()
    visitor.send("/account/password/reset/", email=ADA)
    visitor.send("/account/password/reset/confirm/", code=code_for(ADA))
    visitor.send(
        "/account/password/reset/complete/", password1="another-long-one", password2="another-long-one"
    )

    assert visitor.is_signed_in
    assert letters_to(ADA)[0].subject == "Your password was changed"
    assert User.objects.get().check_password("another-long-one")


def test_suspended_person_stays_out_by_every_way() -> None:
    user = make_person()
    inside = signed_in(user)
    User.objects.update(status="inactive")
    visitor = Visitor()

    by_password = visitor.send("/account/login/", login=ADA, password=PASSWORD)
    visitor.send("/account/login/code/", email=ADA)

    assert "This account is suspended" in text_of(by_password)
    assert letters_to(ADA)[0].subject == "Your account is suspended"
    assert not visitor.is_signed_in
    assert not inside.is_signed_in


def test_whether_somebody_has_an_account_is_not_told() -> None:
    make_person()
    known, unknown = Visitor(), Visitor()

    pages = [
        (
            one.send("/account/login/code/", email=email),
            one.send("/account/signup/", email=email, password1=PASSWORD),
        )
        for one, email in ((known, ADA), (unknown, "eve@example.com"))
    ]

    shown = [
        [text_of(page).replace(email, "") for page in both]
        for both, email in zip(pages, (ADA, "eve@example.com"), strict=True)
    ]
    assert shown[0] == shown[1]
    assert letters_to(ADA)[0].subject == "You already have an account"
    assert letters_to("eve@example.com")[1].subject == "There is no account for this address"


def test_who_signs_up_under_anothers_address_loses_the_password_when_that_one_comes() -> None:
    attacker, victim = Visitor(), Visitor()
    sign_up(attacker)

    victim.send("/account/login/code/", email=ADA)
    victim.send("/account/login/code/confirm/", code=code_for(ADA))
    page = Visitor().send("/account/login/", login=ADA, password=PASSWORD)

    assert victim.is_signed_in
    assert "is incorrect" in text_of(page)
    assert not User.objects.get().has_usable_password()


def test_who_proves_the_address_a_day_later_keeps_the_password() -> None:
    sign_up(Visitor())
    visitor = Visitor()
    cache.clear()

    visitor.send("/account/login/", login=ADA, password=PASSWORD)
    visitor.send("/account/confirm-email/", code=code_for(ADA))

    assert visitor.is_signed_in
    assert User.objects.get().check_password(PASSWORD)


def test_invited_member_comes_in_by_code() -> None:
    User.objects.create_user(ADA, name="Ada", status="pending")
    visitor = Visitor()

    visitor.send("/account/login/code/", email=ADA)
    visitor.send("/account/login/code/confirm/", code=code_for(ADA))

    assert visitor.is_signed_in
    assert User.objects.get().status == "active"


def app_code(user: User) -> str:
    secret = TOTP(Authenticator.objects.get(user=user, type="totp"))
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(decrypt(secret.instance.data["secret"]), counter)))


def with_app(user: User) -> None:
    TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


def test_app_is_asked_after_the_code() -> None:
    user = make_person()
    with_app(user)
    visitor = Visitor()
    visitor.send("/account/login/code/", email=ADA)

    page = visitor.send("/account/login/code/confirm/", code=code_for(ADA))

    assert "The second step" in text_of(page)
    assert not visitor.is_signed_in
    visitor.send("/account/2fa/authenticate/", code=app_code(user))
    assert visitor.is_signed_in


def test_secret_of_the_app_is_encrypted() -> None:
    user = make_person()
    with_app(user)

    assert "JBSWY3DP" not in str(Authenticator.objects.get().data)


@pytest.mark.django_db(transaction=True)
def test_app_is_set_up_and_its_recovery_codes_shown() -> None:
    visitor = signed_in(make_person(password=None))

    page = visitor.get("/account/2fa/totp/activate/")
    secret = page.context["form"].secret
    counter = next(iter(yield_hotp_counters_from_time()))
    done = visitor.send(
        "/account/2fa/totp/activate/", code=str(format_hotp_value(hotp_value(secret, counter)))
    )

    assert "<svg" in page.content.decode()
    assert "style=" not in page.content.decode()
    assert done.request["PATH_INFO"] == "/account/2fa/recovery-codes/"
    assert letters_to(ADA)[0].subject == "The second step is on"


def test_passkey_alone_asks_for_no_second_step() -> None:
    user = make_person()
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "Phone", "credential": {}})
    visitor = Visitor()

    visitor.send("/account/login/", login=ADA, password=PASSWORD)

    assert visitor.is_signed_in


def test_signing_out_everywhere_else_ends_the_other_session() -> None:
    user = make_person()
    here, there = signed_in(user), signed_in(user)

    here.send("/account/sessions/")

    assert here.is_signed_in
    assert not there.is_signed_in
    assert letters_to(ADA)[0].subject == "You were signed out on your other devices"


def test_nobody_is_written_to_where_no_other_session_was_ended() -> None:
    visitor = signed_in(make_person())
    before = len(letters_to(ADA))

    visitor.send("/account/sessions/")

    assert len(letters_to(ADA)) == before


def test_use_of_a_recovery_code_is_told_to_the_owner() -> None:
    user = make_person()
    with_app(user)
    codes = RecoveryCodes.activate(user).get_unused_codes()
    visitor = Visitor(HTTP_ACCEPT_LANGUAGE="fr")
    visitor.send("/account/login/", login=ADA, password=PASSWORD)

    visitor.send("/account/2fa/authenticate/", code=codes[0])

    assert visitor.is_signed_in
    [letter] = letters_to(ADA)
    assert letter.subject == "Un code de secours a été utilisé"
    assert f"Codes encore utilisables\N{NO-BREAK SPACE}: {len(codes) - 1}." in letter.text
    assert "127.0.0.1" in letter.text


def test_old_sessions_ends_with_a_new_password() -> None:
    user = make_person()
    here, there = signed_in(user), signed_in(user)

    here.send(
        "/account/password/change/",
        oldpassword=PASSWORD,
        password1="another-long-one",
        password2="another-long-one",
    )

    assert here.is_signed_in
    assert not there.is_signed_in


def test_too_many_tries_get_a_page() -> None:
    visitor = Visitor()

    pages = [
        visitor.send("/account/signup/", email=f"a{n}@example.com", password1=PASSWORD) for n in range(21)
    ]

    assert pages[-1].status_code == 429
    assert "Too many requests" in text_of(pages[-1])
    assert "default-src 'none'" in pages[-1]["Content-Security-Policy"]


def test_password_is_guessed_five_times_at_most() -> None:
    make_person()
    for _ in range(5):
        Visitor().send("/account/login/", login=ADA, password="wrong")

    page = Visitor().send("/account/login/", login=ADA, password=PASSWORD)

    assert "Too many attempts" in text_of(page)


def test_form_of_another_site_is_refused() -> None:
    make_person()
    visitor = Visitor(enforce_csrf_checks=True)

    page = visitor.send("/account/login/", login=ADA, password=PASSWORD)

    assert page.status_code == 403
    assert "This form has expired" in text_of(page)


@pytest.mark.parametrize("body", [b"--x\r\n", b"\xff\xfe", b"a" * 3_000_000])
def test_unreadable_form_gets_a_page(body: bytes) -> None:
    answer = Visitor().post("/account/login/", body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code in (200, 422)
    assert answer["Content-Type"] == "text/html; charset=utf-8"


def test_missing_page_is_a_page() -> None:
    answer = Visitor().get("/account/nothing-here/")

    assert answer.status_code == 404
    assert "Page not found" in text_of(answer)


def test_way_back_leads_to_this_host_only() -> None:
    make_person()

    own = Visitor().send(
        "/account/login/?next=/account/tickets/", login=ADA, password=PASSWORD, next="/account/tickets/"
    )
    other = Visitor().post(
        "/account/login/", {"login": ADA, "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert own.redirect_chain[-1][0] == "/account/tickets/"
    assert other["Location"] == "/account/"


def test_letters_lead_to_the_known_address_whatever_host_was_asked() -> None:
    make_person()

    Visitor().post("/account/signup/", {"email": ADA, "password1": PASSWORD}, HTTP_HOST="evil.example")

    assert "evil.example" not in letters_to(ADA)[0].text
    assert "/account/login/" in letters_to(ADA)[0].text


def test_letters_speak_the_readers_language() -> None:
    make_person()

    Visitor(HTTP_ACCEPT_LANGUAGE="fr").send("/account/login/code/", email=ADA)

    assert letters_to(ADA)[0].subject == "Votre code de connexion"


def test_cookies_are_for_browsers_only() -> None:
    visitor = signed_in(make_person())
    cookie = visitor.cookies["kassa_session"]

    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", False)
    assert timedelta(seconds=int(cookie["max-age"])) == timedelta(days=7)
    assert timezone.is_aware(User.objects.get().last_active_at)  # type: ignore[arg-type]
