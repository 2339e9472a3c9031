"""The log of an account, as its owner reads it."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from kassa.identity.domain.failed_sign_in import record_failed_sign_in
from kassa.identity.enums import SecurityEventKind
from kassa.identity.models import AccountSecurityEvent, User
from kassa.storefront.account.activity import SENTENCES
from tests.storefront.account.visitor import Visitor, code_for, letters_to, make_person, signed_in
from tests.storefront.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@example.com"


def kinds(user: User) -> list[str]:
    return list(
        AccountSecurityEvent.objects.filter(user_id=user.id).order_by("id").values_list("kind", flat=True)
    )


def run_recordings() -> None:
    """Do what the worker does with failed attempts."""
    jobs = ProcrastinateJob.objects.filter(task_name="kassa.record_failed_sign_in").order_by("-id")
    for sealed in [job.args["sealed"] for job in jobs[:2]]:
        assert ADA not in sealed
        record_failed_sign_in(sealed)


def test_sign_in_and_changes_stand_on_the_page() -> None:
    user = make_person()
    visitor = signed_in(user)
    visitor.send("/account/password/change/", oldpassword="wrong", password1="x", password2="x")
    visitor.send("/account/email/", action_add="1", email="ada@home.example")
    visitor.send("/account/confirm-email/", code=code_for("ada@home.example"))

    page = visitor.get("/account/activity/")

    assert kinds(user) == ["sign_in.succeeded", "email.added"]
    assert "Signed in" in text_of(page)
    assert "E-mail address added" in text_of(page)
    [signed] = AccountSecurityEvent.objects.filter(kind="sign_in.succeeded")
    assert signed.details == {"methods": ["code"]}
    assert signed.address == "127.0.0.1"


def test_failed_attempt_is_recorded_by_the_worker() -> None:
    user = make_person()
    for email in (ADA, "nobody@example.com"):
        Visitor().send("/account/login/", login=email, password="wrong")
    assert kinds(user) == []

    run_recordings()

    [entry] = AccountSecurityEvent.objects.all()
    assert (entry.kind, entry.user_id, entry.actor_id) == ("sign_in.failed", user.id, None)
    assert entry.address == "127.0.0.1"
    assert "Was that you?" in text_of(signed_in(user).get("/account/activity/"))


def test_signing_out_everywhere_else_is_recorded() -> None:
    user = make_person()
    signed_in(user)
    visitor = signed_in(user)

    visitor.send("/account/sessions/")

    assert kinds(user)[-1] == "sessions.ended"


def test_page_shows_nobody_elses_entries() -> None:
    signed_in(make_person("eve@example.com"))

    page = signed_in(make_person()).get("/account/activity/")

    assert text_of(page).count("Signed in") == 1


def test_every_kind_about_an_account_has_its_sentence() -> None:
    subjects = [
        "sign_in",
        "factor",
        "sessions",
        "password",
        "email",
        "recovery_codes",
        "recovery_code",
        "connection",
    ]
    of_accounts = {kind for kind in SecurityEventKind if kind.split(".")[0] in subjects}

    assert of_accounts | {SecurityEventKind.ACCOUNT_EXPORTED} == set(SENTENCES)
    assert letters_to(ADA) == []
