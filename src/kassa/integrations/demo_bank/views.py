"""The hosted payment page: what a buyer sees of the demo bank."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kassa.core.clock import utc_now
from kassa.core.errors import Forbidden, NotFound
from kassa.core.formatting import format_datetime, format_money, zone_named
from kassa.integrations.demo_bank.domain.find import find_payment
from kassa.integrations.demo_bank.domain.settle import status_at
from kassa.integrations.demo_bank.enums import PaymentStatus
from kassa.integrations.demo_bank.errors import DemoPaymentOver
from kassa.integrations.demo_bank.models import DemoPayment
from kassa.integrations.demo_bank.page import METHOD, QUESTIONS, STANDINGS, ChoiceNotKnown, act_on
from kassa.integrations.demo_bank.tasks import wake_demo_bank
from kassa.web.errors import ErrorPage
from kassa.web.headers import OWN, POLICY, SECRET_ADDRESS, build_policy
from kassa.web.pages import PageFrame
from kassa.web.redirects import see_other


class BankFrame(PageFrame):
    """The bank's pages. The address is all that is needed to pay: it goes to no shop and no search engine."""

    headers = {
        # A form leads on to the shop, wherever that is at home.
        POLICY: build_policy(style_src=OWN, img_src=OWN, form_action=None),
        **SECRET_ADDRESS,
    }
    layout = "demo_bank/base.html"
    is_private = True

    def build_error(self, request: HttpRequest, error: Exception) -> ErrorPage:
        """Say that there is nothing to pay, also to a form of another site."""
        match error:
            case NotFound() | Forbidden():
                return ErrorPage(
                    error.status,
                    _("There is no payment at this address"),
                    _("The link may be incomplete. Go back to the shop and open the payment again."),
                )
        return super().build_error(request, error)


BANK = BankFrame()


@BANK.page("GET", "HEAD", "POST")
def payment_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a payment, or do what the buyer chose and send them back to the shop."""
    now = utc_now()
    return _act(request, reference, now) if request.method == "POST" else _show(request, reference, now)


def _act(request: HttpRequest, reference: str, now: datetime) -> HttpResponse:
    try:
        payment = act_on(reference, request.POST, now=now)
    except DemoPaymentOver:
        return see_other(request.get_full_path())
    except ChoiceNotKnown:
        return _show(request, reference, now, is_misunderstood=True)
    wake_demo_bank()
    return see_other(_way_back(payment) or request.get_full_path())


def _show(
    request: HttpRequest, reference: str, now: datetime, *, is_misunderstood: bool = False
) -> HttpResponse:
    payment = find_payment(reference)
    payment.status = status_at(payment, now)
    locale = translation.get_language() or settings.LANGUAGE_CODE
    context = {
        "payment": payment,
        "amount": format_money(payment.amount, payment.currency, locale),
        "payable_until": format_datetime(payment.expires_at, zone_named(payment.time_zone or "UTC"), locale),
        "is_open": payment.status == PaymentStatus.OPEN,
        "standing": STANDINGS.get(payment.status),
        "way_back": _way_back(payment),
        "method": METHOD,
        "questions": QUESTIONS,
        "is_misunderstood": is_misunderstood,
    }
    return BANK.render(request, "demo_bank/payment.html", context, status=400 if is_misunderstood else 200)


def _way_back(payment: DemoPayment) -> str:
    """Return where the shop wants the buyer: what was paid or declined goes on there, the rest back."""
    gave_up = payment.status in (PaymentStatus.CANCELLED, PaymentStatus.EXPIRED)
    return payment.cancel_url if gave_up else payment.return_url
