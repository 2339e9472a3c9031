"""What can go wrong with money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from kassa.core.clock import format_moment
from kassa.core.errors import Busy, Conflict, InvalidInput
from kassa.core.formatting import format_money
from kassa.core.languages import Language
from kassa.core.money import format_amount


class ProviderUnknown(InvalidInput):
    """There is no payment provider of that name; `providers` are those there are."""

    code = "payment_provider_unknown"
    title = "There is no such payment provider"

    def __init__(self, provider: str, providers: Sequence[str]) -> None:
        super().__init__(
            f"There is no payment provider '{provider}'. There are {', '.join(providers)}.",
            field="provider",
            providers=list(providers),
        )


class ProviderNotOffered(Conflict):
    """The organisation has not set this provider up, or has switched it off; `providers` can be used."""

    code = "payment_provider_not_offered"
    title = "This way to pay is not offered"

    def __init__(self, provider: str, providers: Sequence[str]) -> None:
        offered = ", ".join(providers) or "none so far"
        super().__init__(
            f"'{provider}' is not offered here. Offered: {offered}. Set it up under /payment-providers.",
            provider=provider,
            providers=list(providers),
        )


class PaymentTooSlow(Conflict):
    """A payment by this provider would arrive after what was bought begins; `providers` are in time."""

    code = "payment_too_slow"
    title = "This payment would arrive too late"

    def __init__(self, provider: str, *, days: int, begins_at: datetime, providers: Sequence[str]) -> None:
        others = ", ".join(providers) or "none so far"
        super().__init__(
            f"A payment by '{provider}' takes {days} days to arrive, and the earliest event in the order "
            f"begins at {format_moment(begins_at)}. Pay in another way. In time: {others}.",
            provider=provider,
            days=days,
            begins_at=format_moment(begins_at),
            providers=list(providers),
        )
        self.days, self.begins_at = days, begins_at


class AddressUnproven(Conflict):
    """The visitor has to prove an e-mail address, by signing in, to order so much by transfer."""

    code = "address_unproven"
    title = "Confirm your e-mail address first"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"Sign in with your e-mail address to pay this order by '{provider}', or pay it in another way.",
            provider=provider,
        )


class ProviderDoesNotAnswer(Busy):
    """The payment provider does not answer; nobody was charged. Repeat it under the same key."""

    code = "payment_provider_unreachable"
    title = "The payment provider does not answer"
    retry_after = 5

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"The payment provider '{provider}' does not answer. Try again in a moment.", provider=provider
        )


class PaymentRefused(Conflict):
    """The payment provider does not accept this payment; `provider_code` is its own word for why."""

    code = "payment_refused"
    title = "The payment provider refused"

    def __init__(self, provider: str, message: str, provider_code: str) -> None:
        super().__init__(
            f"The payment provider '{provider}' refused: {message}",
            provider=provider,
            provider_code=provider_code,
        )


class NothingToPay(Conflict):
    """The order is paid, or is in a state in which it cannot be."""

    code = "nothing_to_pay"
    title = "There is nothing to pay"

    def __init__(self, number: str, status: str, payment_status: str) -> None:
        super().__init__(
            f"Order {number} is {status} and its payment {payment_status}: there is nothing to pay.",
            order_status=status,
            payment_status=payment_status,
        )


class AttemptsExhausted(Conflict):
    """As many attempts were made as are allowed; the order keeps its places until they expire."""

    code = "payment_attempts_exhausted"
    title = "No attempts left"

    def __init__(self, number: str, attempts: int) -> None:
        super().__init__(
            f"Order {number} has used all of its {attempts} payment attempts. Place a new order.",
            attempts=attempts,
        )


class NothingToRetry(Conflict):
    """No payment was tried yet: open the first one with `POST …/payments`."""

    code = "nothing_to_retry"
    title = "There is nothing to try again"

    def __init__(self, number: str) -> None:
        super().__init__(f"No payment of order {number} was tried yet. Open one with POST …/payments.")


class AttemptOver(Conflict):
    """The attempt is over already; `status` says how."""

    code = "payment_attempt_over"
    title = "The attempt is over"

    def __init__(self, status: str) -> None:
        super().__init__(f"The attempt is over: it is {status}.", attempt_status=status)


class WrongCurrency(InvalidInput):
    """Money in another currency than the order's cannot pay for it."""

    code = "wrong_currency"
    title = "The currency is not the order's"

    def __init__(self, given: str, expected: str) -> None:
        super().__init__(f"The order is in {expected}, not in {given}.", field="currency", expected=expected)


class PaymentKnown(Conflict):
    """This payment was booked already, with another amount or for another order."""

    code = "payment_known"
    title = "This payment is booked already"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"The payment '{reference}' was booked already. Give each payment a reference of its own.",
            reference=reference,
        )


class NothingToRefund(Conflict):
    """Nothing was paid for it, or all of it was given back already."""

    code = "nothing_to_refund"
    title = "There is nothing to refund"

    def __init__(self, number: str) -> None:
        super().__init__(f"Nothing is left of the payments for order {number}.", number=number)


class RefundTooLarge(Conflict):
    """More was asked for than is left of what was paid; `refundable` is how much that is."""

    code = "refund_too_large"
    title = "More than is left"

    def __init__(self, amount: Decimal, refundable: Decimal, currency: str) -> None:
        self.refundable, self.currency = refundable, currency
        asked, left = (format_money(each, currency, Language.ENGLISH) for each in (amount, refundable))
        super().__init__(
            f"{asked} is more than what is left to give back: {left}.",
            refundable=format_amount(refundable, currency),
            currency=currency,
        )


class TicketNotRefundable(Conflict):
    """The ticket was given back already, was used, or never became valid; `ticket_status` says which."""

    code = "ticket_not_refundable"
    title = "The ticket cannot be given back"

    def __init__(self, ticket: str, status: str) -> None:
        super().__init__(
            f"Ticket {ticket} cannot be given back: it is {status}.", ticket=ticket, ticket_status=status
        )


class GoodsNotRefundable(Conflict):
    """Fewer pieces of the item are left than are to be given back; `left` is how many there are."""

    code = "goods_not_refundable"
    title = "So many pieces are not left"

    def __init__(self, name: str, quantity: int, left: int, *, field: str) -> None:
        rest = f"{left} of {name} are left" if left else f"all of {name} were given back already"
        super().__init__(
            f"{quantity} of {name} cannot be given back: {rest}.", field=field, item=name, left=left
        )


class RefundKeyReused(InvalidInput):
    """The Idempotency-Key was used for another refund of this order."""

    code = "refund_key_reused"
    title = "The key belongs to another refund"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another refund. Use a new key for a new refund.")


class DisputeOpen(Conflict):
    """The buyer's bank has taken the money back, and it is not decided yet who keeps it."""

    code = "dispute_open"
    title = "A dispute is open"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"A dispute about order {number} is open. Wait until it is decided before giving money back.",
            number=number,
        )


class EventNotCancelled(Conflict):
    """Only what was sold for a cancelled event is refunded as a whole; cancel the event first."""

    code = "event_not_cancelled"
    title = "The event is not cancelled"

    def __init__(self, title: str) -> None:
        super().__init__(f"'{title}' is not cancelled. Cancel it first; then everything can be refunded.")


class NothingToPayOut(Conflict):
    """The provider holds nothing of the organisation's that could be paid out."""

    code = "nothing_to_pay_out"
    title = "There is nothing to pay out"

    def __init__(self, provider: str, currency: str) -> None:
        super().__init__(f"'{provider}' holds no {currency} that could be paid out.", provider=provider)


class NotDead(Conflict):
    """Only a webhook that could not be settled is replayed; this one was settled or is about to be."""

    code = "webhook_not_dead"
    title = "There is nothing to replay"

    def __init__(self, status: str) -> None:
        super().__init__(f"The webhook is {status}. Only a dead one is replayed.", webhook_status=status)


class AttemptKeyReused(InvalidInput):
    """The Idempotency-Key was used for another attempt of this order."""

    code = "attempt_key_reused"
    title = "The key belongs to another attempt"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for an attempt with another provider or other addresses. "
            "Use a new key for a new attempt."
        )


class PaymentUnderWay(Conflict):
    """The buyer has done their part and the bank has not answered yet: wait, or the order is paid twice."""

    code = "payment_under_way"
    title = "A payment is under way"

    def __init__(self, number: str, provider: str) -> None:
        super().__init__(
            f"A payment of order {number} at '{provider}' is under way and cannot be ended. "
            f"Wait until it is decided.",
            number=number,
            provider=provider,
        )


class RefundUnderWay(Conflict):
    """The provider works on the refund, or has not answered yet: wait, or the buyer gets it twice."""

    code = "refund_under_way"
    title = "A refund is under way"

    def __init__(self) -> None:
        super().__init__(
            "The provider was asked to give this money back and has not answered yet. "
            "Wait until it has, or the buyer gets the money twice."
        )


class ReturnRefused(Conflict):
    """The buyer cannot give this back by themselves; `reason` says why."""

    code = "return_refused"
    title = "It cannot be given back by its buyer"

    def __init__(self, what: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"{what} cannot be given back by its buyer: {reason}.", reason=str(reason))


class ReturnTermsChanged(Conflict):
    """Another sum would come back than the buyer has agreed to; `amount` is what it is now."""

    code = "return_terms_changed"
    title = "The terms have changed"

    def __init__(self, amount: str, currency: str) -> None:
        written = format_money(amount, currency, Language.ENGLISH)
        super().__init__(
            f"What would come back has changed: it is {written} now.",
            amount=amount,
            currency=currency,
        )
