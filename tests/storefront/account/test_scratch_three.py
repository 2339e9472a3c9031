from __future__ import annotations
import pytest
from kassa.identity.models import User
from allauth.socialaccount.models import SocialAccount
from allauth.account.models import EmailAddress
from tests.storefront.account.test_openid import club, Club, ADA
from tests.storefront.account.visitor import PASSWORD, Visitor, code_for, letters_to, signed_in, make_person
from tests.storefront.account.test_ways_in import sign_up
from django.core.cache import cache
pytestmark = pytest.mark.django_db

def come_in(v):
    cache.clear()
    v.send("/account/login/code/", email=ADA)
    v.send("/account/login/code/confirm/", code=code_for(ADA))
    assert v.is_signed_in

def test_oidc(club: Club, capsys):
    club.claims["email_verified"] = False
    attacker = Visitor()
    club.sign_in(attacker)
    out = [attacker.is_signed_in, list(User.objects.values_list("email", "status")), list(EmailAddress.objects.values_list("email","verified"))]
    victim = Visitor()
    come_in(victim)
    out.append(("social after", list(SocialAccount.objects.values_list("uid", flat=True))))
    fresh = Visitor()
    club.sign_in(fresh)
    out.append(("ATTACKER IN", fresh.is_signed_in))
    r = attacker.get("/account/confirm-email/", follow=True)
    out.append(("attacker old session", attacker.is_signed_in, r.status_code))
    with capsys.disabled(): print(out)

def test_stage(capsys):
    out = []
    for kind in ("password", "passkey"):
        User.objects.all().delete()
        cache.clear()
        attacker = Visitor()
        if kind == "password":
            sign_up(attacker)
        else:
            r = attacker.send("/account/signup/passkey/", email=ADA, name="x")
            out.append(r.redirect_chain)
        victim = Visitor()
        come_in(victim)
        for p in ("/account/confirm-email/", "/account/login/", "/account/", "/account/signup/", "/account/login/code/confirm/", "/account/2fa/webauthn/signup/", "/account/2fa/authenticate/"):
            attacker.get(p, follow=True)
            out.append((kind, p, attacker.is_signed_in))
        attacker.send("/account/confirm-email/", action="resend")
        out.append((kind, "resend", attacker.is_signed_in))
        cache.clear()
        attacker.send("/account/login/", login=ADA, password=PASSWORD)
        out.append((kind, "pw", attacker.is_signed_in))
    with capsys.disabled():
        for o in out: print(o)

def test_secondary(capsys):
    eve = make_person("eve@example.com")
    v = signed_in(eve)
    r = v.send("/account/email/", action_add="", email=ADA)
    with capsys.disabled():
        print(r.status_code, r.redirect_chain, list(EmailAddress.objects.values_list("email","verified")))
