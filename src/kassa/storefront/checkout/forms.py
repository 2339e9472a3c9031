"""The forms of the checkout: who buys, who comes, where it goes, who gets the invoice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kassa.catalog.domain.answers import AskedQuestion, check_answers
from kassa.catalog.enums import QuestionKind
from kassa.catalog.errors import AnswerRefused
from kassa.core.languages import Language
from kassa.storefront.checkout.countries import WITHOUT_POSTAL_CODES, country_choices
from kassa.storefront.checkout.states import find_state, state_choices
from kassa.storefront.checkout.uploads import Folder, UploadField
from kassa.storefront.refusals import refusal_text
from kassa.storefront.tickets.forms import question_field
from kassa.web.forms import EmailField, Form, NameField

FILL_IN = _("Please fill this in.")
NAMES = ("first_name", "last_name")


def _text(label: Any, length: int, *, required: bool = False, **attributes: Any) -> forms.CharField:
    return _field(forms.CharField, label, length, required=required, **attributes)


def _name(label: Any, length: int, *, required: bool = False, **attributes: Any) -> forms.CharField:
    return _field(NameField, label, length, required=required, **attributes)


def _field(
    kind: type[forms.CharField], label: Any, length: int, *, required: bool, **attributes: Any
) -> forms.CharField:
    return kind(
        label=label,
        max_length=length,
        required=required,
        widget=forms.TextInput(attrs={name.replace("_", "-"): value for name, value in attributes.items()}),
        error_messages={"required": FILL_IN},
    )


class QuietForm(Form):
    """A form that can show what was typed without a word about what is missing."""

    def hush(self) -> None:
        """Say nothing of what is wrong; files that came with it are kept all the same."""
        errors = {}
        for name, field in self.fields.items():
            if isinstance(field, UploadField) and self.is_bound:
                errors.update(self._of_file(name, field))
        self._errors = forms.utils.ErrorDict(errors)

    def _of_file(self, name: str, field: UploadField) -> dict[str, Any]:
        value = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        was_required, field.required = field.required, False
        try:
            field.clean(value)
        except forms.ValidationError as refused:
            return {name: self.error_class(refused.error_list, renderer=self.renderer)}
        finally:
            field.required = was_required
        return {}


class BuyerForm(QuietForm):
    """Who buys."""

    email = EmailField(
        label=_("E-mail"),
        help_text=_("We’ll send your tickets and receipt to this address."),
        error_messages={"required": FILL_IN},
    )
    first_name = _name(_("First name"), 120, required=True, autocomplete="given-name")
    last_name = _name(_("Last name"), 120, autocomplete="family-name")
    phone = _text(_("Phone"), 40, autocomplete="tel", inputmode="tel")


class StateSelect(forms.Select):
    """A list of states in which one is found by its name, too."""

    def __init__(self, country: str, **kwargs: Any) -> None:
        super().__init__(choices=[("", "—"), *state_choices(country)], **kwargs)
        self.country = country

    def format_value(self, value: Any) -> list[str]:
        """Return what is selected: ``Texas``, typed before there was a list, is ``TX``."""
        return [find_state(self.country, one) or one for one in super().format_value(value)]


class AddressForm(QuietForm):
    """Where post goes; to the buyer, unless another name is given."""

    kind = "shipping"
    name = _name(_("Recipient’s name"), 200, required=True)
    line1 = _text(_("Street and number"), 200, required=True)
    line2 = _text(_("Flat, floor, company"), 200)
    postal_code = _text(_("Postal code"), 20, required=True)
    city = _text(_("City"), 120, required=True)
    state = _text(_("State or province"), 120)
    country = forms.ChoiceField(label=_("Country"))

    def __init__(self, *args: Any, recipient: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recipient = recipient
        name = self.add_prefix("name")
        if self.is_bound and "name" in self.fields and not str(self.data.get(name, "")).strip():
            self.data = {**self.data.dict(), name: recipient}  # type: ignore[attr-defined]
        self.fields["country"] = forms.ChoiceField(
            label=self.fields["country"].label,
            choices=[("", "—"), *country_choices(get_language() or Language.ENGLISH)],
            error_messages={"required": FILL_IN},
        )
        parts = {"name": "name", "line1": "address-line1", "line2": "address-line2", "city": "address-level2"}
        parts |= {"postal_code": "postal-code", "state": "address-level1", "country": "country"}
        for name, word in parts.items():
            if name in self.fields:
                self.fields[name].widget.attrs["autocomplete"] = f"{self.kind} {word}"
        self._offer_states()

    def full_clean(self) -> None:
        if self.is_bound and self.data.get(self.add_prefix("country")) in WITHOUT_POSTAL_CODES:
            self.fields["postal_code"].required = False
        super().full_clean()

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        found = super().get_initial_for_field(field, field_name)
        return found or (self.recipient if field_name == "name" else found)

    def clean_state(self) -> str:
        """Return the state as its post writes it.

        Raises:
            ValidationError: the country has a list of states, and this is not one of them.
        """
        country, typed = str(self["country"].value()), str(self.cleaned_data["state"])
        if not typed or not state_choices(country):
            return typed
        found = find_state(country, typed)
        if found is None:
            raise forms.ValidationError(_("Choose one from the list."))
        return found

    def _offer_states(self) -> None:
        """Show the states of the present country as a list, if it has one."""
        country = str(self["country"].value())
        if state_choices(country):
            attributes = {"autocomplete": self.fields["state"].widget.attrs["autocomplete"]}
            self.fields["state"].widget = StateSelect(country, attrs=attributes)

    def address(self) -> dict[str, str] | None:
        """Return what was filled in. None: nothing."""
        return {name: value for name, value in self.cleaned_data.items() if value} or None


class InvoiceForm(AddressForm):
    """Who gets the invoice, if it is not just the buyer: all of it, or nothing."""

    kind = "billing"
    name = None  # type: ignore[assignment]  # how Django's forms leave a field of their base out
    company = _name(_("Company"), 200, autocomplete="organization")
    tax_number = _text(_("VAT or tax number"), 60, autocomplete="off")
    field_order = ("company", "tax_number", "line1", "line2", "postal_code", "city", "state", "country")

    def full_clean(self) -> None:
        if not self.is_wanted:
            for field in self.fields.values():
                field.required = False
        super().full_clean()

    @property
    def is_wanted(self) -> bool:
        """Whether anything but the country, which is chosen beforehand, is filled in."""
        if self.is_bound:
            return any(
                str(self.data.get(self.add_prefix(name), "")).strip()
                for name in self.fields
                if name != "country"
            )
        return any(value for name, value in self.initial.items() if name != "country")

    def address(self) -> dict[str, str] | None:
        return super().address() if self.is_wanted else None


class AnswersForm(QuietForm):
    """What an event asks of each ticket, or of the order."""

    def __init__(
        self,
        *args: Any,
        questions: Iterable[AskedQuestion],
        folder: Folder,
        answers: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        known = answers or {}
        for question in self.questions:
            self.fields[f"answer-{question.key}"] = _answer_field(question, known.get(question.key), folder)

    def clean(self) -> dict[str, Any]:
        super().clean()
        for question in self.questions:
            name = f"answer-{question.key}"
            if self.cleaned_data.get(name):
                try:
                    check_answers([question], {question.key: self.cleaned_data[name]})
                except AnswerRefused as refused:
                    self.add_error(name, refusal_text(refused))
        return self.cleaned_data

    def answers(self) -> dict[str, Any]:
        """Return what was answered, by the question's key."""
        given = {one.key: self.cleaned_data[f"answer-{one.key}"] for one in self.questions}
        return {key: answer for key, answer in given.items() if answer}


class AttendeeForm(AnswersForm):
    """Who comes with a ticket."""

    first_name = _name(_("First name"), 120)
    last_name = _name(_("Last name"), 120)

    def __init__(self, *args: Any, is_first: bool, names_required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names_required = names_required
        if is_first:
            self.fields["mine"] = forms.BooleanField(
                label=_("This ticket is for me"), required=False, initial=True
            )
        section = {"autocomplete": "off"}
        for name in NAMES:
            self.fields[name].widget.attrs.update(section)
            self.fields[name].required = names_required

    def full_clean(self) -> None:
        """Look for names only on tickets of others; the labels of the fields stay as they are."""
        for name in NAMES:
            self.fields[name].required = self.names_required and not self.is_mine
        super().full_clean()
        for name in NAMES:
            self.fields[name].required = self.names_required

    @property
    def is_mine(self) -> bool:
        """Whether the ticket is the buyer's, whose name is asked elsewhere."""
        return "mine" in self.fields and bool(self["mine"].value())

    @property
    def asked_fields(self) -> list[forms.BoundField]:
        """Return the fields of the questions alone."""
        return [self[f"answer-{one.key}"] for one in self.questions]


class ConsentForm(QuietForm):
    """What is said and agreed to at the end."""

    notes = forms.CharField(
        label=_("A note to the organiser"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    terms = forms.BooleanField(error_messages={"required": _("Please agree so that we can take your order.")})
    marketing = forms.BooleanField(required=False)

    def __init__(self, *args: Any, has_terms: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_terms:
            del self.fields["terms"]


class WayField(forms.ChoiceField):
    """A choice among the ways to pay; one that this order cannot take is refused with its own reason."""

    def __init__(self, *, names: Iterable[str], reasons: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(choices=[(name, name) for name in names], **kwargs)
        self.reasons = reasons

    def validate(self, value: Any) -> None:
        if value in self.reasons:
            raise forms.ValidationError(self.reasons[value])
        super().validate(value)


class WayForm(QuietForm):
    """How it is paid."""

    def __init__(self, *args: Any, names: Sequence[str], reasons: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cannot_pay = _("This shop can’t take payments right now. Please contact the organiser.")
        self.fields["provider"] = WayField(
            names=names,
            reasons=reasons,
            error_messages={
                # Where there is nothing to choose, a key that sends the form still gets the true reason.
                "required": _("Please choose a payment method.")
                if names
                else next(iter(reasons.values()), cannot_pay),
                "invalid_choice": _("This payment method is no longer available. Please choose another one."),
            },
        )


def _answer_field(question: AskedQuestion, answer: Any, folder: Folder) -> forms.Field:
    if question.kind != QuestionKind.FILE:
        field = question_field(question, answer)
        field.error_messages["required"] = _("Please answer this question.")
        return field
    language = get_language() or Language.ENGLISH
    return UploadField(
        folder=folder,
        label=question.label_in(language),
        help_text=question.help_text_in(language),
        required=question.is_required,
    )
