"""The forms of a ticket: who it is for, to whom it goes, who takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kassa.catalog.domain.answers import AskedQuestion
from kassa.catalog.enums import QuestionKind
from kassa.core.languages import Language
from kassa.web.forms import EmailField, Form, NameField

LONG_TEXT = 120
"""From so many letters on an answer gets a field of several lines."""
ON_PAGE = (QuestionKind.TEXT, QuestionKind.CHOICE, QuestionKind.DATE)
"""What can be answered on a page; files are sent while ordering."""


def _name(label: Any, length: int = 120, **attributes: Any) -> NameField:
    required = attributes.pop("required", False)
    return NameField(
        label=label, max_length=length, required=required, widget=forms.TextInput(attrs=attributes)
    )


def _phone() -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"})
    return forms.CharField(label=_("Phone"), max_length=40, required=False, widget=widget)


class AnswersForm(Form):
    """A form that asks what the event asks of each ticket, below its own fields."""

    def __init__(
        self,
        *args: Any,
        names_required: bool,
        questions: Iterable[AskedQuestion] = (),
        answers: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if names_required:
            for name in ("first_name", "last_name"):
                self.fields[name].required = True
        self.questions = [one for one in questions if one.kind in ON_PAGE]
        for question in self.questions:
            self.fields[f"answer-{question.key}"] = question_field(question, answers.get(question.key))

    def answers(self) -> dict[str, Any]:
        """Return what was answered, by the question's key; null where nothing was."""
        return {one.key: self.cleaned_data[f"answer-{one.key}"] or None for one in self.questions}


def question_field(question: AskedQuestion, answer: Any) -> forms.Field:
    """Return the field in which a question is answered, but for files."""
    language = get_language() or Language.ENGLISH
    common: dict[str, Any] = {
        "label": question.label_in(language),
        "help_text": question.help_text_in(language),
        "required": question.is_required,
        "initial": answer,
    }
    if question.kind == QuestionKind.CHOICE:
        return forms.ChoiceField(choices=[("", "—"), *question.options_in(language)], **common)
    if question.kind == QuestionKind.DATE:
        widget = forms.TextInput(attrs={"type": "date"})
        return forms.CharField(widget=widget, max_length=10, **common)
    is_long = question.max_length > LONG_TEXT
    lines = forms.Textarea(attrs={"rows": 3}) if is_long else forms.TextInput()
    return forms.CharField(max_length=question.max_length, widget=lines, **common)


class AttendeeForm(AnswersForm):
    """Who a ticket is for."""

    first_name = _name(_("First name"), autocomplete="given-name")
    last_name = _name(_("Last name"), autocomplete="family-name")
    email = EmailField(label=_("E-mail"), required=False)
    phone = _phone()


class OfferForm(Form):
    """To whom a ticket is to go."""

    to_email = EmailField(label=_("Their e-mail address"))
    to_name = _name(_("Their name"), autocomplete="off")
    message = forms.CharField(
        label=_("A few words to them"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AcceptForm(AnswersForm):
    """Who takes a ticket."""

    first_name = _name(_("First name"), autocomplete="given-name", required=True)
    last_name = _name(_("Last name"), autocomplete="family-name")
    phone = _phone()
