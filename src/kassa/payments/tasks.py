"""The jobs of payments: one for each organisation, so that none waits for another's providers."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext
from procrastinate.contrib.django import app

from kassa.core.clock import utc_now
from kassa.core.jobs import end_of_turn
from kassa.payments.domain.attempts.close import (
    close_ended_attempts,
    count_ended_attempts,
    organizations_with_ended_attempts,
)
from kassa.payments.domain.attempts.reconcile import (
    has_attempts_to_reconcile,
    organizations_to_reconcile,
    reconcile_attempts,
)
from kassa.payments.domain.payouts.fees import ask_for_fees, organizations_without_fees
from kassa.payments.domain.refunds.event_refunds import continue_event_refund
from kassa.payments.domain.refunds.send import send_due_refunds
from kassa.payments.domain.sweeps import (
    organizations_with_refunds,
    organizations_with_webhooks,
    refund_all_ended,
    running_event_refunds,
)
from kassa.payments.domain.webhooks.settle import forget_webhooks, settle_webhooks
from kassa.payments.jobs import CLOSE_ATTEMPTS, PROVIDERS_QUEUE, REFUND_EVENT, SEND_REFUNDS, SETTLE, defer

RECONCILE_ATTEMPTS = "kassa.reconcile_attempts"
ASK_FOR_FEES = "kassa.ask_for_fees"
EVERY_30_SECONDS = "* * * * * */30"  # the sixth field is the seconds


@app.periodic(cron="* * * * * */10")
@app.task(name="kassa.reconcile_payments", queueing_lock="reconcile_payments", pass_context=False)
def reconcile_payments(timestamp: int) -> None:
    """Ask for a look at the attempts that are due, for each organisation that has some."""
    for organization_id in organizations_to_reconcile(now=utc_now()):
        defer(RECONCILE_ATTEMPTS, organization_id, queue=PROVIDERS_QUEUE)


@app.periodic(cron=EVERY_30_SECONDS)
@app.task(name="kassa.close_payments", queueing_lock="close_payments", pass_context=False)
def close_payments(timestamp: int) -> None:
    """Ask for the end of attempts that outlive their orders, for each organisation that has some."""
    for organization_id in organizations_with_ended_attempts():
        defer(CLOSE_ATTEMPTS, organization_id, queue=PROVIDERS_QUEUE)


@app.task(name=RECONCILE_ATTEMPTS, queue=PROVIDERS_QUEUE, pass_context=True)
def reconcile_attempts_of(context: JobContext, organization_id: str) -> None:
    """Ask about the attempts of one organisation that are due; what is left gets a turn of its own."""
    now, organization = utc_now(), UUID(organization_id)
    done = reconcile_attempts(organization, now=now, should_stop=end_of_turn(context))
    if done and has_attempts_to_reconcile(organization, now=now):
        defer(RECONCILE_ATTEMPTS, organization, queue=PROVIDERS_QUEUE)


@app.task(name=CLOSE_ATTEMPTS, queue=PROVIDERS_QUEUE, pass_context=True)
def close_attempts_of(context: JobContext, organization_id: str) -> None:
    """End the attempts of one organisation that outlive their orders; what is left gets its own turn."""
    organization = UUID(organization_id)
    before = count_ended_attempts(organization)
    close_ended_attempts(organization, now=utc_now(), should_stop=end_of_turn(context))
    # If none has ended, such as at a provider that is down, the next sweep will do.
    if 0 < count_ended_attempts(organization) < before:
        defer(CLOSE_ATTEMPTS, organization, queue=PROVIDERS_QUEUE)


@app.periodic(cron="* * * * * */10")
@app.task(name="kassa.settle_all_webhooks", queueing_lock="settle_all_webhooks", pass_context=False)
def settle_all_webhooks(timestamp: int) -> None:
    """Ask for the settling of what was missed: a message whose job was lost, or that is tried again."""
    for organization_id in organizations_with_webhooks(now=utc_now()):
        defer(SETTLE, organization_id)


@app.periodic(cron=EVERY_30_SECONDS)
@app.task(name="kassa.send_all_refunds", queueing_lock="send_all_refunds", pass_context=False)
def send_all_refunds(timestamp: int) -> None:
    """Ask for the sending of refunds that are due, for each organisation that has some."""
    for organization_id in organizations_with_refunds(now=utc_now()):
        defer(SEND_REFUNDS, organization_id, queue=PROVIDERS_QUEUE)


@app.periodic(cron="*/10 * * * * 50")
@app.task(name="kassa.ask_for_all_fees", queueing_lock="ask_for_all_fees", pass_context=False)
def ask_for_all_fees(timestamp: int) -> None:
    """Ask for a look at payments of which it is not known what the provider kept."""
    for organization_id in organizations_without_fees(now=utc_now()):
        defer(ASK_FOR_FEES, organization_id, queue=PROVIDERS_QUEUE)


@app.periodic(cron="* * * * * 20")
@app.task(name="kassa.refund_ended_orders", queueing_lock="refund_ended_orders", pass_context=False)
def refund_ended_orders(timestamp: int) -> None:
    """Promise back what is kept of orders that have ended, such as a transfer that never became complete."""
    refund_all_ended(now=utc_now())


@app.periodic(cron="*/5 * * * * 40")
@app.task(name="kassa.continue_event_refunds", queueing_lock="continue_event_refunds", pass_context=False)
def continue_event_refunds(timestamp: int) -> None:
    """Take up the refunds of events whose job was lost."""
    for organization_id, run_id in running_event_refunds():
        defer(REFUND_EVENT, organization_id, run_id=str(run_id))


@app.periodic(cron="23 4 * * *")
@app.task(name="kassa.forget_webhooks", queueing_lock="forget_webhooks", pass_context=False)
def forget_old_webhooks(timestamp: int) -> None:
    """Delete messages of providers that were settled long ago, every night."""
    forget_webhooks(now=utc_now())


@app.task(name=SETTLE, pass_context=True)
def settle_webhooks_of(context: JobContext, organization_id: str) -> None:
    """Settle what an organisation's providers have told, for one turn."""
    should_stop = end_of_turn(context)
    settle_webhooks(UUID(organization_id), now=utc_now(), should_stop=should_stop)
    if should_stop():
        defer(SETTLE, UUID(organization_id))


@app.task(name=SEND_REFUNDS, queue=PROVIDERS_QUEUE, pass_context=True)
def send_refunds_of(context: JobContext, organization_id: str) -> None:
    """Send the refunds of one organisation that are due."""
    if send_due_refunds(UUID(organization_id), now=utc_now(), should_stop=end_of_turn(context)):
        defer(SEND_REFUNDS, UUID(organization_id), queue=PROVIDERS_QUEUE)


@app.task(name=ASK_FOR_FEES, queue=PROVIDERS_QUEUE, pass_context=True)
def ask_for_fees_of(context: JobContext, organization_id: str) -> None:
    """Ask what an organisation's providers have kept."""
    ask_for_fees(UUID(organization_id), now=utc_now(), should_stop=end_of_turn(context))


@app.task(name=REFUND_EVENT, pass_context=True)
def refund_event(context: JobContext, organization_id: str, run_id: str) -> None:
    """Go on with the refund of an event for one turn."""
    should_stop = end_of_turn(context)
    while continue_event_refund(UUID(organization_id), UUID(run_id), now=utc_now()):
        if should_stop():
            defer(REFUND_EVENT, UUID(organization_id), run_id=run_id)
            return
