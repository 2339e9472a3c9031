"""What Kassa writes to people about their accounts, and what it tells them on the next page.

Texts are kept here, beside each other, and not in a file for each: allauth names them by its templates.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kassa.organizations.enums import DomainProblem


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject and paragraphs, with places for what allauth knows of the occasion."""

    subject: Promise
    paragraphs: tuple[Promise | str, ...]


CODE = "%(code)s"
NOT_YOU = _("If you didn’t ask for this, you can ignore this e-mail.")
CHANGED = (
    _("It was done on %(moment)s (UTC) from %(ip)s."),
    _("If this wasn’t you, choose a new password and sign out everywhere else:"),
    "%(login_url)s",
)
PROVE = Letter(
    _("Confirm your e-mail address"),
    (_("Enter this code where you have just typed this address:"), CODE, NOT_YOU),
)

HELLO = _("Hello %(name)s,")
"""What a letter begins with whose reader's name is known."""
INVITATION = Letter(
    _("%(organization)s invites you"),
    (
        _("%(organization)s would like you to work with them on Kassa as: %(role)s."),
        "%(duties)s",
        _("Accept or decline until %(day)s: %(link)s"),
        _("Until you accept, the organisation learns nothing about you. If you do not know it, decline."),
    ),
)

DOMAIN_FAILING = Letter(
    _("The proof of %(domain)s is missing"),
    (
        _("The shop of %(organization)s is at %(domain)s. Since %(since)s its proof is missing."),
        _("Put it back by %(until)s. After that day, the shop no longer opens at %(domain)s."),
        _("It is a TXT record %(record)s, or a file %(file)s, with this text: %(value)s"),
    ),
)
DOMAIN_LOST = Letter(
    _("Your shop no longer opens at %(domain)s"),
    (
        _("The shop of %(organization)s no longer opens at %(domain)s."),
        "%(reason)s",
        _("It is still open here: %(shop)s"),
    ),
)
DOMAIN_PROBLEMS: dict[DomainProblem, Promise] = {
    DomainProblem.NOT_FOUND: _(
        "The proof that this domain is yours has been missing for a week. You can prove it anew."
    ),
    DomainProblem.UNREACHABLE: _("The servers of the domain do not answer."),
    DomainProblem.TAKEN: _("Another organisation has proven that this domain is theirs."),
    DomainProblem.RESERVED: _("The operator of this Kassa has reserved the domain."),
}
"""Why a domain was lost."""

LETTERS: dict[str, Letter] = {
    "account/email/email_confirmation": PROVE,
    "account/email/email_confirmation_signup": PROVE,
    "account/email/login_code": Letter(
        _("Your code to sign in"),
        (_("Enter this code where you are signing in:"), CODE, _("Don’t share it with anyone."), NOT_YOU),
    ),
    "account/email/confirm_code": Letter(
        _("Your code to confirm a change"),
        (
            _("Enter this code where you are changing your account:"),
            CODE,
            *CHANGED[1:],
        ),
    ),
    "account/email/password_reset_code": Letter(
        _("Your code for a new password"),
        (_("Enter this code where you have asked for a new password:"), CODE, NOT_YOU),
    ),
    "account/email/account_already_exists": Letter(
        _("You already have an account"),
        (
            _("Someone, perhaps you, tried to create an account for %(email)s. There already is one."),
            _("Sign in with a code by e-mail, or choose a new password: %(login_url)s"),
            NOT_YOU,
        ),
    ),
    "account/email/unknown_account": Letter(
        _("There is no account for this address"),
        (
            _("Someone, perhaps you, tried to sign in as %(email)s. There is no account for that address."),
            _("You can create one, or use another address: %(signup_url)s"),
            NOT_YOU,
        ),
    ),
    "account/email/suspended": Letter(
        _("Your account is suspended"),
        (_("No one can sign in to it. The links to your orders and tickets in your e-mails still work."),),
    ),
    "account/email/email_changed": Letter(
        _("Your main address has changed"),
        (_("E-mails about your account now go to %(to_email)s instead of %(from_email)s."), *CHANGED),
    ),
    "account/email/email_confirm": Letter(
        _("An e-mail address was confirmed"), (_("An address of your account was confirmed."), *CHANGED)
    ),
    "account/email/email_deleted": Letter(
        _("An e-mail address was removed"),
        (_("%(deleted_email)s no longer belongs to your account."), *CHANGED),
    ),
    "account/email/password_changed": Letter(
        _("Your password was changed"), (_("The password of your account was changed."), *CHANGED)
    ),
    "account/email/password_set": Letter(
        _("You now have a password"), (_("A password was chosen for your account."), *CHANGED)
    ),
    "account/email/password_reset": Letter(
        _("Your password was changed"), (_("The password of your account was changed."), *CHANGED)
    ),
    "mfa/email/totp_activated": Letter(
        _("The second step is on"),
        (_("From now on, signing in asks for a code from your authenticator app."), *CHANGED),
    ),
    "mfa/email/totp_deactivated": Letter(
        _("The second step is off"),
        (_("Signing in no longer asks for a code from an authenticator app."), *CHANGED),
    ),
    "mfa/email/recovery_codes_generated": Letter(
        _("You have new recovery codes"),
        (_("Your previous codes no longer work."), *CHANGED),
    ),
    "mfa/email/recovery_code_used": Letter(
        _("A recovery code was used"),
        (_("Someone signed in with one of your recovery codes. Unused codes left: %(left)s."), *CHANGED),
    ),
    "mfa/email/webauthn_added": Letter(
        _("A passkey was added"), (_("A new passkey can now open your account."), *CHANGED)
    ),
    "mfa/email/webauthn_removed": Letter(
        _("A passkey was removed"), (_("A passkey can no longer open your account."), *CHANGED)
    ),
    "usersessions/email/sessions_ended": Letter(
        _("You were signed out on your other devices"),
        (_("All other devices were signed out of your account."), *CHANGED),
    ),
    "socialaccount/email/account_connected": Letter(
        _("Another account was connected"),
        (_("You can sign in through %(provider)s from now on."), *CHANGED),
    ),
    "socialaccount/email/account_disconnected": Letter(
        _("Another account was disconnected"),
        (_("You can no longer sign in to your account with %(provider)s."), *CHANGED),
    ),
}

TOLD: dict[str, Promise | str] = {
    "account/messages/cannot_delete_primary_email.txt": _(
        "This is your main address. Choose another main address first."
    ),
    "account/messages/email_confirmation_failed.txt": _("This address belongs to another account."),
    "account/messages/email_confirmation_sent.txt": "",
    "account/messages/email_confirmed.txt": _("%(email)s is confirmed."),
    "account/messages/email_deleted.txt": _("%(email)s is removed."),
    "account/messages/logged_in.txt": "",
    "account/messages/logged_out.txt": _("You have signed out."),
    "account/messages/login_code_sent.txt": "",
    "account/messages/password_changed.txt": _("Your password has been changed."),
    "account/messages/password_set.txt": _("Your password has been saved."),
    "account/messages/primary_email_set.txt": _("This is now your main address."),
    "account/messages/unverified_primary_email.txt": _("Confirm this address first."),
    "mfa/messages/recovery_codes_generated.txt": _("These are your recovery codes. Keep them safe."),
    "mfa/messages/totp_activated.txt": _("The second step is on."),
    "mfa/messages/totp_deactivated.txt": _("The second step is off."),
    "mfa/messages/webauthn_added.txt": _("The passkey is ready."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
    "socialaccount/messages/account_connected.txt": _("The account is connected."),
    "socialaccount/messages/account_connected_updated.txt": _("The account is connected."),
    "socialaccount/messages/account_connected_other.txt": _("That account is connected to another person."),
    "socialaccount/messages/account_disconnected.txt": _("The account is disconnected."),
    "usersessions/messages/sessions_logged_out.txt": _("You have been signed out everywhere else."),
}
"""What the next page says; empty: the page itself says it already."""
