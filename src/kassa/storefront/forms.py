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

LONG_TEXT = 120
"""From so many letters on an answer gets a field of several lines."""
ON_PAGE = (QuestionKind.TEXT, QuestionKind.CHOICE, QuestionKind.DATE)
"""What can be answered on a page; files are sent while ordering."""


class Form(forms.Form):
    """A form whose fields are called as they are sent."""

    use_required_attribute = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", "label_suffix": "", **kwargs})


def _text(label: Any, length: int, **attributes: Any) -> forms.CharField:
    required = attributes.pop("required", False)
    return forms.CharField(
        label=label, max_length=length, required=required, widget=forms.TextInput(attrs=attributes)
    )


def _email(label: Any, *, required: bool) -> forms.EmailField:
    widget = forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"})
    return forms.EmailField(label=label, max_length=254, required=required, widget=widget)


class AnswersForm(Form):
    """A form that asks what the event asks of each ticket, below its own fields."""

    def __init__(
        self, *args: Any, questions: Iterable[AskedQuestion] = (), answers: Mapping[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
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

    first_name = _text(_("First name"), 120, autocomplete="given-name")
    last_name = _text(_("Last name"), 120, autocomplete="family-name")
    email = _email(_("E-mail"), required=False)
    phone = _text(_("Phone"), 40, autocomplete="tel", inputmode="tel")


class OfferForm(Form):
    """To whom a ticket is to go."""

    to_email = _email(_("Their e-mail address"), required=True)
    to_name = _text(_("Their name"), 120, autocomplete="off")
    message = forms.CharField(
        label=_("A few words to them"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AcceptForm(AnswersForm):
    """Who takes a ticket."""

    first_name = _text(_("First name"), 120, autocomplete="given-name", required=True)
    last_name = _text(_("Last name"), 120, autocomplete="family-name")
    phone = _text(_("Phone"), 40, autocomplete="tel", inputmode="tel")
