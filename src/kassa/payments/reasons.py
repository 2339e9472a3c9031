"""Why Kassa itself gives money back or ends a payment: stored in English, read in the buyer's language."""

from __future__ import annotations

from kassa.core.stored_sentences import stored_sentence

CANCELLED = stored_sentence("The order was cancelled.")
EVENT_CANCELLED = stored_sentence("The event is cancelled.")
ORDER_ENDED = stored_sentence("The order has ended.")
PAID_TOO_MUCH = stored_sentence("More was paid than the order costs.")
PAID_LATE = stored_sentence("The payment came after the order had ended.")
PAID_BEFORE = stored_sentence("The order was paid already.")
DISPUTE_WON = stored_sentence("The dispute was won, but the order no longer needed the money.")
NOT_ACCEPTED = stored_sentence("The payment provider does not accept this payment.")
