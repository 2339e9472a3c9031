"""Second steps: what of allauth's is Kassa's own choice.

A passkey is another way in; it does not ask for itself again after a password or a code, so that who loses
one still comes in by e-mail. An authenticator app is a second step after each of them.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from typing import Any

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kassa.core.secrets import decrypt, encrypt


class MfaAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That’s not correct. Please try again."),
    }

    def is_mfa_enabled(self, user: Any, types: Collection[str] | None = None) -> bool:
        """Say whether a person has one of these; asked for any second step, only an app is one."""
        if types is None or (Authenticator.Type.TOTP in types and len(types) > 1):
            types = [Authenticator.Type.TOTP]
        return bool(super().is_mfa_enabled(user, types))

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        """Draw the QR code without styles or scripts inside."""
        drawn = io.BytesIO()
        segno.make(url, error="m").save(
            drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=4, light="#fff", dark="#000"
        )
        return drawn.getvalue().decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Passkey") if count == 0 else gettext("Passkey %(number)s") % {"number": count + 1}
