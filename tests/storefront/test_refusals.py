"""Every refusal of the sale and of payments is told in plain words, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.utils.translation import override

from kassa.catalog.errors import AnswerInvalid, AnswerMissing, AttendeeNameMissing
from kassa.core.clock import utc_now
from kassa.core.errors import Busy, KassaError, Locked
from kassa.core.rate_limits import TooManyRequests
from kassa.orders.errors import (
    ApprovalAwaited,
    OrderExpired,
    TooManyUploads,
    UploadStorageFull,
    UploadTooLarge,
)
from kassa.payments import errors as payments
from kassa.sales import errors as sales
from kassa.sales.domain.cart_errors import CartFull, HoldExtended
from kassa.storefront.checkout.uploads import UPLOADS_BY_ADDRESS
from kassa.storefront.messages import NOT_DONE
from kassa.storefront.refusals import refusal_text
from kassa.waiting.errors import WaitingRoomClosed

THING = UUID(int=1)
AT = datetime(2026, 12, 24, 18, tzinfo=UTC)
ERRORS: list[KassaError] = [
    sales.SoldOut(line=0, item=THING, name="Stalls", left=0),
    sales.SoldOut(line=0, item=THING, name="Stalls", left=1),
    sales.SoldOut(line=0, item=THING, name="Stalls", left=2),
    sales.SeatTaken(line=0, item=THING, seats=[]),
    sales.SeatUnknown(line=0, item=THING, seats=[]),
    sales.SeatsNotChosen(line=0, item=THING, name="Stalls"),
    sales.SeatsNotNumbered(line=0, item=THING, name="Stalls"),
    sales.ItemUnknown(line=0, item=THING),
    sales.SalesClosed(line=0, item=THING, name="Stalls", event_status="cancelled"),
    sales.SalesClosed(line=0, item=THING, name="Stalls", event_status="completed"),
    sales.SalesNotStarted(line=0, item=THING, name="Stalls", starts_at=AT),
    sales.SalesEnded(line=0, item=THING, name="Stalls", ended_at=AT),
    sales.LimitPerOrder(line=0, item=THING, name="Stalls", minimum=1, maximum=4),
    sales.LimitPerOrder(line=0, item=THING, name="Stalls", minimum=2, maximum=4),
    sales.LimitPerOrder(line=0, item=THING, name="Stalls", minimum=2, maximum=None),
    sales.AlreadyBooked(line=0, item=THING, name="Pottery"),
    sales.LimitPerCustomer(line=0, item=THING, name="Pottery", maximum=4, left=0),
    sales.LimitPerCustomer(line=0, item=THING, name="Pottery", maximum=4, left=1),
    sales.LimitPerCustomer(line=0, item=THING, name="Pottery", maximum=4, left=3),
    sales.AddonAlone(line=0, item=THING, name="Bicycle space"),
    sales.MixedCurrencies(["EUR", "USD"]),
    sales.AmountTooLarge(),
    sales.GuestCheckoutNotAllowed(),
    sales.CustomerUnknown(),
    sales.ShippingAddressMissing(),
    sales.CouponUnknown("X"),
    sales.CouponInactive("X"),
    sales.CouponNotStarted("X", AT),
    sales.CouponExpired("X", AT),
    sales.CouponUsed("X", 1),
    sales.CouponUsed("X", 3),
    sales.CouponExhausted("X", 5),
    sales.CouponMinimum("X", Decimal("50.00"), "EUR"),
    sales.CouponNotApplicable("X"),
    AttendeeNameMissing(name="Coach", missing="last_name"),
    AnswerMissing(question="size", label="Size"),
    AnswerInvalid("No.", question="size"),
    sales.CartClosed("expired"),
    sales.CartClosed("converted"),
    sales.CartEmpty(),
    CartFull(50),
    HoldExtended(AT),
    sales.OrderKeyReused(),
    sales.DeskBusy(),
    Busy(""),
    Locked(""),
    OrderExpired("ORD-1"),
    ApprovalAwaited("ORD-1"),
    UploadTooLarge(5 * 1024 * 1024),
    TooManyUploads(100 * 1024 * 1024),
    UploadStorageFull(),
    TooManyRequests(UPLOADS_BY_ADDRESS, UPLOADS_BY_ADDRESS.default, wait_seconds=9.5),
    payments.ProviderUnknown("x", []),
    payments.ProviderNotOffered("x", []),
    sales.HoldLimitReached(event=THING, name="Gala", maximum=20, left=2, is_signed_in=False),
    sales.HoldLimitReached(event=THING, name="Gala", maximum=50, left=0, is_signed_in=True),
    sales.PassInUse(),
    payments.AddressUnproven("manual"),
    payments.PaymentTooSlow("manual", days=2, begins_at=utc_now(), providers=["x"]),
    payments.ProviderDoesNotAnswer("x"),
    payments.PaymentRefused("x", "No.", "declined"),
    payments.NothingToPay("ORD-1", "confirmed", "paid"),
    payments.AttemptsExhausted("ORD-1", 3),
    payments.NothingToRetry("ORD-1"),
    payments.AttemptOver("failed"),
    payments.AttemptKeyReused(),
    payments.PaymentUnderWay("ORD-1", "x"),
    payments.NothingToRefund("ORD-1"),
    payments.RefundTooLarge(Decimal("9.00"), Decimal("5.00"), "EUR"),
    payments.TicketNotRefundable("T-1", "used"),
    payments.RefundKeyReused(),
    payments.RefundUnderWay(),
    payments.DisputeOpen("ORD-1"),
    WaitingRoomClosed(event_id=THING, wait_at="/waiting/x"),
]


def test_every_refusal_of_an_order_is_looked_at() -> None:
    assert {type(error) for error in ERRORS} >= set(sales.REFUSALS)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{error.code}-{ERRORS.index(error)}")
def test_it_is_told_in_both_languages(error: KassaError) -> None:
    with override("en"):
        english = refusal_text(error)
    with override("fr"):
        french = refusal_text(error)

    assert english not in ("", str(NOT_DONE))
    assert french not in ("", english)
    assert "%(" not in english + french


def test_names_numbers_and_times_are_in_it() -> None:
    with override("en"):
        few = refusal_text(sales.SoldOut(line=0, item=THING, name="Stalls", left=2))
        early = refusal_text(
            sales.SalesNotStarted(line=0, item=THING, name="Stalls", starts_at=AT), time_zone="Europe/Paris"
        )
    with override("fr"):
        minimum = refusal_text(sales.CouponMinimum("X", Decimal("50.00"), "EUR"))

    assert few == "Only 2 of “Stalls” are left. Choose fewer."
    assert early == "“Stalls” is on sale from Thursday 24 December 2026, 19:00 CET. Come back then."
    assert minimum == ("Ce code promo est valable à partir de 50,00\N{NO-BREAK SPACE}€ de commande.")


def test_what_nobody_foresaw_is_told_as_not_done() -> None:
    with override("en"):
        assert refusal_text(KassaError("Odd.")) == str(NOT_DONE)
