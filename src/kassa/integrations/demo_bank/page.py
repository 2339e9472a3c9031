"""The words of the payment page, and reading what is chosen on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kassa.integrations.demo_bank.domain import cancel, decline, pay
from kassa.integrations.demo_bank.enums import Method, PaymentStatus, RefundMode, Speed, WebhookMode
from kassa.integrations.demo_bank.models import DemoPayment

C = TypeVar("C", bound=TextChoices)


class ChoiceNotKnown(ValueError):
    """The form holds something that the page does not offer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button."""

    value: str
    label: Promise
    hint: Promise | str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One group of radio buttons; the first is chosen unless told otherwise."""

    name: str
    label: Promise
    choices: tuple[Choice, ...]


METHOD = Question(
    "method",
    _("Pay with"),
    (
        Choice(Method.CARD, _("Card")),
        Choice(Method.WALLET, _("Wallet")),
        Choice(Method.BANK_DEBIT, _("Bank account")),
    ),
)
QUESTIONS = (
    Question(
        "speed",
        _("The bank answers"),
        (
            Choice(Speed.AT_ONCE, _("At once")),
            Choice(Speed.SLOW, _("After 10 seconds"), _("Until then the payment is processing.")),
        ),
    ),
    Question(
        "webhook",
        _("The shop is told"),
        (
            Choice(WebhookMode.AT_ONCE, _("At once")),
            Choice(WebhookMode.TWICE, _("Twice"), _("The same message arrives a second time.")),
            Choice(WebhookMode.LATE, _("30 seconds late")),
            Choice(WebhookMode.NEVER, _("Never"), _("The shop has to ask by itself.")),
        ),
    ),
    Question(
        "refunds",
        _("Refunds of this payment"),
        (
            Choice(RefundMode.WORK, _("Work")),
            Choice(RefundMode.REFUSED_FIRST, _("Are refused the first time")),
            Choice(RefundMode.PENDING, _("Stay pending for 20 seconds")),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a payment that is not open any more is shown."""

    tone: str
    """``good``, ``bad``, ``calm`` or ``wait``: the colour and the sign."""
    title: Promise
    text: Promise


STANDINGS: dict[str, Standing] = {
    PaymentStatus.PROCESSING: Standing(
        "wait",
        _("Your bank is working on it"),
        _("The payment has been sent. The answer takes a few seconds; you do not have to pay again."),
    ),
    PaymentStatus.SUCCEEDED: Standing(
        "good", _("Paid"), _("The payment went through. It cannot be paid a second time.")
    ),
    PaymentStatus.FAILED: Standing(
        "bad", _("The payment was declined"), _("Nothing was charged. Go back to try again.")
    ),
    PaymentStatus.CANCELLED: Standing(
        "calm",
        _("The payment was cancelled"),
        _("Nothing was charged, and this payment can no longer be made."),
    ),
    PaymentStatus.EXPIRED: Standing(
        "calm", _("This page has expired"), _("Nothing was charged. Go back to start a new payment.")
    ),
}


def act_on(reference: str, form: QueryDict, *, now: datetime) -> DemoPayment:
    """Do what the form says and return the payment.

    Raises:
        ChoiceNotKnown: the form holds something else than the page offers.
        NotFound: there is no such payment.
        DemoPaymentOver: it is not open any more.
    """
    webhook = _chosen(form, "webhook", WebhookMode)
    speed = _chosen(form, "speed", Speed)
    refunds = _chosen(form, "refunds", RefundMode)
    method = _chosen(form, "method", Method)
    match form.get("action"):
        case "pay":
            return pay(reference, webhook=webhook, speed=speed, refunds=refunds, method=method, now=now)
        case "decline":
            return decline(reference, webhook=webhook, speed=speed, method=method, now=now)
        case "cancel":
            return cancel(reference, webhook=webhook, now=now)
    raise ChoiceNotKnown


def _chosen(form: QueryDict, name: str, choices: type[C]) -> C:
    """Return what was chosen; the first choice is taken where nothing was."""
    try:
        return choices(form.get(name) or next(iter(choices)))
    except ValueError as error:
        raise ChoiceNotKnown from error
