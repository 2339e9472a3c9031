"""The forms of accounts beside those of allauth."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kassa.core.languages import Language
from kassa.identity.models import User
from kassa.storefront.fields import NameField


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
