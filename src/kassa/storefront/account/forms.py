"""The forms of accounts beside those of allauth."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kassa.core.email_addresses import email_key
from kassa.core.languages import Language
from kassa.identity.models import User
from kassa.web.forms import EmailField, Form, NameField


class NameForm(forms.Form):
    """What a person who signs up is asked beside the e-mail address and the password."""

    name = NameField(
        label=_("Your name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        """Nothing is left to do: the adapter has saved the name with the person."""


class AddressForm(forms.Form):
    """An e-mail address to which something is written."""

    email = EmailField(label=_("E-mail address"))

    def clean_email(self) -> str:
        """Return the form of the address by which accounts are found."""
        return email_key(self.cleaned_data["email"])


class FindOrderForm(Form):
    """The e-mail address that somebody has ordered with."""

    email = EmailField(label=_("E-mail address"))

    def clean_email(self) -> str:
        """Return the form of the address by which orders are found."""
        return email_key(self.cleaned_data["email"])


class PasskeySignUpForm(AddressForm):
    """What a person who signs up is asked."""

    name = NameForm.base_fields["name"]
    field_order = ("name", "email", "password1")


class SignUpForm(PasskeySignUpForm):
    """The same, with a password."""

    password1 = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a password that is easily guessed, also from what else was typed."""
        typed: dict[str, Any] = super().clean() or {}
        password = typed.get("password1")
        if password:
            try:
                validate_password(password, User(name=typed.get("name", ""), email=typed.get("email", "")))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return typed


class PersonForm(forms.Form):
    """What a person may change of what Kassa keeps about them."""

    name = NameForm.base_fields["name"]
    language = forms.ChoiceField(
        label=_("Language"),
        choices=[("", _("Same as this browser")), *Language.choices],
        required=False,
    )


class CodeForm(forms.Form):
    """A code from an e-mail."""

    wrong = _("That’s not the right code. Check the latest e-mail.")
    code = forms.CharField(label=_("Code"), max_length=40)
