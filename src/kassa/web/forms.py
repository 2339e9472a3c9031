"""The base of all forms, with fields for names and e-mail addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kassa.core.email_addresses import (
    AddressFault,
    InvalidEmailAddress,
    display_email,
    parse_email_address,
)
from kassa.core.email_typos import suggest_email
from kassa.core.visible_text import is_visible

USE, ASKED = "-use", "-asked"
"""Beside an address: the one to be taken instead of it, and the one that was asked about before."""
NOT_COMPLETE = _("This is not a complete e-mail address.")
FAULTS: Mapping[AddressFault, Any] = {
    AddressFault.INCOMPLETE: NOT_COMPLETE,
    AddressFault.TOO_LONG: _("This e-mail address is too long."),
    AddressFault.MAILBOX: _(
        "The part before the @ cannot be right. Look for commas, quotes, brackets, spaces and double dots."
    ),
    AddressFault.LETTERS: _(
        "E-mail does not take letters such as é before the @. Please give another address."
    ),
    AddressFault.DOMAIN: _("The part after the @ cannot be right. It looks like example.org."),
}


class NameField(forms.CharField):
    """What somebody is called: nothing, or something that can be seen."""

    default_error_messages = {"invisible": _("Please write a name that can be read.")}

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text and not is_visible(text):
            raise forms.ValidationError(self.error_messages["invisible"], code="invisible")
        return text


class EmailField(forms.CharField):
    """An address that mail can be written to; its value is the one form of it."""

    suggestion = ""
    """What was probably meant, while that is asked; empty: nothing is asked."""
    asked_about = ""
    """The address that is asked about."""

    def __init__(self, **options: Any) -> None:
        attributes = {"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}
        options.setdefault("widget", forms.EmailInput(attrs=attributes))
        super().__init__(max_length=254, **options)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if not text:
            return ""
        try:
            return str(parse_email_address(text))
        except InvalidEmailAddress as error:
            raise forms.ValidationError(FAULTS[error.fault], code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        return display_email(value) if isinstance(value, str) else value


class TypoForm(forms.Form):
    """A form that asks once about an address that is probably mistyped, and takes it if it is sent again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.data = self._with_corrections()

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name, field in self.fields.items():
            if isinstance(field, EmailField):
                self._ask_about_typo(name, field)
        return self.cleaned_data

    def _with_corrections(self) -> Any:
        data: Any = self.data
        fields = (name for name, field in self.fields.items() if isinstance(field, EmailField))
        taken = {name: data[name + USE] for name in map(self.add_prefix, fields) if data.get(name + USE)}
        if not taken:
            return data
        corrected = data.copy()
        for name, address in taken.items():
            corrected[name] = address
        return corrected

    def _ask_about_typo(self, name: str, field: EmailField) -> None:
        address = str(self.cleaned_data.get(name) or "")
        suggestion = suggest_email(address)
        if suggestion is None or self.data.get(self.add_prefix(name) + ASKED) == address:
            return
        field.suggestion, field.asked_about = suggestion, address
        self.add_error(name, _("Did you mean %(address)s?") % {"address": suggestion})


class Form(TypoForm):
    """A form whose fields are called as they are sent."""

    use_required_attribute = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", "label_suffix": "", **kwargs})
