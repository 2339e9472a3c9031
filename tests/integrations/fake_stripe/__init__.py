"""A Stripe for the tests: stateful, over real HTTP, with signed webhooks and the failures of a bad day.

with fake_stripe() as stripe:
    stripe.url, stripe.secret_key, stripe.webhook_secret
    stripe.pay(session_id)
    stripe.deliver(stripe.last_event("checkout.session.completed"), url)
"""

from __future__ import annotations

from tests.integrations.fake_stripe.faults import Fault
from tests.integrations.fake_stripe.server import FakeStripe, fake_stripe

__all__ = ["FakeStripe", "Fault", "fake_stripe"]
