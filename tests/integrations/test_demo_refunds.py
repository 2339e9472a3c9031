"""Money that the demo bank gives back, and money that is taken back from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from kassa.core.errors import NotFound
from kassa.integrations.demo_bank.domain import decide_dispute, move_on, open_dispute, pay
from kassa.integrations.demo_bank.enums import RefundMode
from kassa.integrations.demo_bank.errors import DemoDisputeOver, NothingToDispute
from kassa.integrations.demo_bank.models import NEVER_MORE_BACK, DemoDispute, DemoPayment, DemoRefund
from kassa.payments.providers.protocol import ProviderUnreachable, RefundState
from tests.integrations.demo import NOW, PROVIDER, credentials, opened, refund_request, told
from tests.support.factories import make_organization

pytestmark = pytest.mark.django_db


def paid(**choices: Any) -> DemoPayment:
    return pay(opened().reference, now=NOW, **choices)


def given_back(payment: DemoPayment) -> Decimal:
    row = DemoPayment.objects.of(payment.organization_id).get(id=payment.id)
    return Decimal(row.refunded_amount)


def test_one_key_gives_back_once() -> None:
    payment = paid()
    account = credentials(payment.organization)
    request = refund_request(payment, "20.00")

    first, second = PROVIDER.refund(account, request), PROVIDER.refund(account, request)

    assert first == second
    assert (first.state, first.key, first.amount) == (
        RefundState.SUCCEEDED,
        request.refund_part_id,
        Decimal(20),
    )
    assert first.payment_reference == payment.payment_reference
    assert given_back(payment) == 20
    assert PROVIDER.look_up_refund(account, first.reference) == first
    assert told(payment.organization_id) == ["payment.succeeded", "refund.succeeded"]


def test_more_than_is_left_is_refused_and_stays_refused() -> None:
    payment = paid()
    account = credentials(payment.organization)
    PROVIDER.refund(account, refund_request(payment, "45.00"))
    more = refund_request(payment, "0.01")

    refused = PROVIDER.refund(account, more)

    assert (refused.state, refused.error) == (
        RefundState.REFUSED,
        "Only 0.00 EUR can still be given back.",
    )
    assert PROVIDER.refund(account, more) == refused
    assert given_back(payment) == 45


def test_the_tables_never_give_back_more_than_was_paid() -> None:
    payment = paid()

    with pytest.raises(IntegrityError, match=NEVER_MORE_BACK), transaction.atomic():
        DemoPayment.objects.of(payment.organization_id).update(refunded_amount=Decimal("45.001"))


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": "5.00", "currency": "USD"},
        {"amount": "0.00"},
        {"amount": "-5.00"},
        {"amount": "5.00", "payment_reference": "demopay_x"},
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    payment = paid()

    seen = PROVIDER.refund(credentials(payment.organization), refund_request(payment, **fields))

    assert seen.state is RefundState.REFUSED
    assert given_back(payment) == 0


def test_another_organisation_gives_nothing_back() -> None:
    payment = paid()

    seen = PROVIDER.refund(credentials(make_organization()), refund_request(payment, "5.00"))

    assert (seen.state, seen.reference) == (RefundState.REFUSED, "")
    assert not DemoRefund.objects.of(payment.organization_id).exists()


def test_refused_first_works_under_a_new_key() -> None:
    payment = paid(refunds=RefundMode.REFUSED_FIRST)
    account = credentials(payment.organization)
    part = uuid4()
    first = refund_request(payment, "5.00", f"{part}:0", refund_part_id=part)
    second = refund_request(payment, "5.00", f"{part}:1", refund_part_id=part)

    states = [PROVIDER.refund(account, request).state for request in (first, first, second, second)]

    assert states == [RefundState.REFUSED] * 2 + [RefundState.SUCCEEDED] * 2
    assert given_back(payment) == 5
    assert told(payment.organization_id)[1:] == ["refund.refused", "refund.succeeded"]


def test_a_pending_refund_is_done_later() -> None:
    payment = paid(refunds=RefundMode.PENDING)
    account = credentials(payment.organization)
    seen = PROVIDER.refund(account, refund_request(payment, "5.00"))
    row = DemoRefund.objects.of(payment.organization_id).get()
    assert row.moves_at is not None

    assert (seen.state, given_back(payment)) == (RefundState.PENDING, Decimal(5))
    assert (move_on(now=row.moves_at), move_on(now=row.moves_at)) == (1, 0)
    assert PROVIDER.look_up_refund(account, seen.reference).state is RefundState.SUCCEEDED
    assert told(payment.organization_id)[1:] == ["refund.pending", "refund.succeeded"]


def test_a_refund_whose_answer_is_lost_is_found_under_its_key() -> None:
    payment = paid()
    request = refund_request(payment, "5.00")

    for mode in ("dead", "lost"):
        with pytest.raises(ProviderUnreachable):
            PROVIDER.refund(credentials(payment.organization, refund=mode), request)

    assert PROVIDER.refund(credentials(payment.organization), request).state is RefundState.SUCCEEDED
    assert given_back(payment) == 5


def test_a_dispute_takes_the_money_until_it_is_won() -> None:
    payment = paid()
    account = credentials(payment.organization)
    assert payment.payment_reference is not None
    dispute = open_dispute(payment.payment_reference, Decimal("45.00"), NOW)

    refused = PROVIDER.refund(account, refund_request(payment, "1.00"))
    decide_dispute(dispute.reference, won=True, now=NOW)
    done = PROVIDER.refund(account, refund_request(payment, "1.00"))

    assert (refused.state, done.state) == (RefundState.REFUSED, RefundState.SUCCEEDED)
    assert [kind for kind in told(payment.organization_id) if kind.startswith("dispute")] == [
        "dispute.open",
        "dispute.won",
    ]


def test_a_dispute_is_decided_once_and_within_what_is_left() -> None:
    payment = paid()
    assert payment.payment_reference is not None
    with pytest.raises(NothingToDispute):
        open_dispute(payment.payment_reference, Decimal("45.01"), NOW)
    with pytest.raises(NotFound):
        open_dispute("demopay_x", Decimal(1), NOW)
    dispute = open_dispute(payment.payment_reference, Decimal("10.00"), NOW)
    decide_dispute(dispute.reference, won=False, now=NOW)

    with pytest.raises(DemoDisputeOver):
        decide_dispute(dispute.reference, won=True, now=NOW)

    assert DemoDispute.objects.of(payment.organization_id).get().status == "lost"
    payment.refresh_from_db()
    assert payment.disputed_amount == 10
